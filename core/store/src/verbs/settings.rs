//! Settings, this device's number, and opaque state of other parts.

use rusqlite::OptionalExtension as _;
use upseed_tables::values::error::StoreError;

use crate::connection::Store;

impl Store {
    /// A setting, if it was ever set.
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.read(|db| {
            let mut find = db.prepare_cached("SELECT value FROM settings WHERE name = ?1")?;
            Ok(find.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// Sets a setting, or takes it back.
    pub fn set_setting(&self, name: &str, value: Option<&str>) -> Result<(), StoreError> {
        self.write(|db| {
            match value {
                Some(value) => {
                    db.execute("REPLACE INTO settings VALUES (?1, ?2)", [name, value])?
                }
                None => db.execute("DELETE FROM settings WHERE name = ?1", [name])?,
            };
            Ok(())
        })
    }

    /// All settings, by name.
    pub fn settings(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.read(|db| {
            let mut select = db.prepare_cached("SELECT name, value FROM settings ORDER BY name")?;
            let rows = select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// The four bytes that tell this device's slots from those of another one with the same key:
    /// chosen by `choose` the first time, the same ever after.
    pub fn device(&self, choose: impl FnOnce() -> [u8; 4]) -> Result<[u8; 4], StoreError> {
        self.write(|db| {
            let sql = "SELECT value FROM meta WHERE name = 'device'";
            if let Some(device) = db.query_row(sql, [], |row| row.get(0)).optional()? {
                return Ok(device);
            }
            let device = choose();
            db.execute("INSERT INTO meta VALUES ('device', ?1)", [device])?;
            Ok(device)
        })
    }

    /// State that another part saved, such as the DHT's table.
    pub fn blob(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.read(|db| {
            let mut find =
                db.prepare_cached("SELECT value FROM meta WHERE name = 'blob:' || ?1")?;
            Ok(find.query_row([name], |row| row.get(0)).optional()?)
        })
    }

    /// Saves a part's state.
    pub fn set_blob(&self, name: &str, value: &[u8]) -> Result<(), StoreError> {
        self.write(|db| {
            db.execute("REPLACE INTO meta VALUES ('blob:' || ?1, ?2)", (name, value))?;
            Ok(())
        })
    }
}

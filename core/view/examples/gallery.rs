//! Writes every page with sample values into the folder that is named, to be looked at:
//! `cargo run -p upseed-view --example gallery -- DIR [auto|light|dark] [pseudo|hostile]`.

use std::{env, fs, path::PathBuf};

use upseed_view::{Links, Strings, Theme, assets};

#[path = "../tests/samples/mod.rs"]
mod samples;

fn main() -> std::io::Result<()> {
    let mut arguments = env::args().skip(1);
    let folder = PathBuf::from(arguments.next().unwrap_or_else(|| "gallery".into()));
    let theme = Theme::named(&arguments.next().unwrap_or_default());
    let what = arguments.next().unwrap_or_default();
    let strings = if what == "pseudo" { Strings::pseudo() } else { Strings::english().clone() };
    fs::create_dir_all(folder.join("upseed/assets"))?;
    for asset in &assets::ALL {
        fs::write(folder.join("upseed/assets").join(asset.name), asset.bytes)?;
    }
    let links = Links::new("/upseed/");
    let words =
        if what == "hostile" { samples::Words::hostile() } else { samples::Words::realistic() };
    let site = upseed_view::Site { theme, ..samples::site(&links, &strings, &words) };
    for (name, html) in words.pages(&site) {
        fs::write(folder.join("upseed").join(format!("{name}.html")), html)?;
    }
    Ok(())
}

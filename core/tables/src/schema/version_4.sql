-- Whether the client has said of a wish that it seeds (3: `HostingState::Hosting`).

ALTER TABLE wishes ADD COLUMN seeded INTEGER NOT NULL DEFAULT 0;
UPDATE wishes SET seeded = 1 WHERE state = 3;

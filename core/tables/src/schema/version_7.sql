-- Labels, and what the user made of them.

-- DERIVED. `target`: an item's work id, or the number of a key; those never are equal. `statements`:
-- in how many of the labeller's statements it is.
CREATE TABLE labels (
    labeller INTEGER NOT NULL,
    target NOT NULL,
    value TEXT NOT NULL,
    reason TEXT NOT NULL,
    statements INTEGER NOT NULL,
    PRIMARY KEY (labeller, target, value, reason)
) WITHOUT ROWID;

-- LOCAL. `action`: 0 ignore, 1 mark, 2 fold, 3 hide; that of a subscription is for all other values.
CREATE TABLE subscriptions (
    labeller INTEGER PRIMARY KEY, action INTEGER NOT NULL, at INTEGER NOT NULL
);
CREATE TABLE subscription_values (
    labeller INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    value TEXT NOT NULL,
    action INTEGER NOT NULL,
    PRIMARY KEY (labeller, value)
) WITHOUT ROWID;
-- What is shown whatever its labels say.
CREATE TABLE exceptions (target PRIMARY KEY NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
-- What a subscription does, in the order in which it began to.
CREATE TABLE label_log (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    labeller INTEGER NOT NULL REFERENCES subscriptions ON DELETE CASCADE,
    target NOT NULL,
    value TEXT NOT NULL,
    at INTEGER NOT NULL,
    UNIQUE (target, labeller, value)
);
CREATE INDEX label_log_by_labeller ON label_log (labeller, id);
-- Single items that the user hid.
CREATE TABLE hides (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, at INTEGER NOT NULL
);
-- Hosted items that their authors retracted. `choice`: 0 not decided yet, 1 keep hosting, 2 stop.
CREATE TABLE retractions (
    item INTEGER PRIMARY KEY REFERENCES items ON DELETE CASCADE, choice INTEGER NOT NULL
);
INSERT INTO retractions SELECT i.id, 0 FROM retracted r
    CROSS JOIN items i ON i.work = r.target AND i.author = r.author
    CROSS JOIN wishes w ON w.item = i.id;

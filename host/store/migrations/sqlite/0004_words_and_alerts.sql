-- What persons enter, what is told to them, and the sheets that were made.

-- What a person entered: a score over the computed one, or the score of a metric that has no provider. Rows are never
-- changed but to say when they were taken back, so that the sheet of a past day stays what it was; and where a reason
-- names a client that is erased.
CREATE TABLE entry (
    id INTEGER NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    metric TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('override', 'manual')),
    score REAL NOT NULL CHECK (score BETWEEN 1 AND 5),
    author TEXT NOT NULL,
    reason TEXT,
    -- When it was entered, from when on it holds, and until when.
    at_ms INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER,
    cleared_ms INTEGER
) STRICT;
CREATE INDEX entry_of ON entry (client, metric);

-- What was told. One row an occurrence: fired once, resolved once; a new one begins after that.
CREATE TABLE alert (
    id INTEGER NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- What it is about, so that the same thing is not told twice: rule, client, metric, provider.
    key TEXT NOT NULL,
    client TEXT,
    metric TEXT,
    provider TEXT,
    message TEXT NOT NULL,
    fired_ms INTEGER NOT NULL,
    -- When it was over, and what was told then.
    resolved_ms INTEGER,
    resolution TEXT,
    acknowledged_ms INTEGER,
    acknowledged_by TEXT,
    note TEXT
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert (key) WHERE resolved_ms IS NULL;

-- What is to be sent where. One row an event and channel, whatever comes of it.
CREATE TABLE delivery (
    id INTEGER NOT NULL PRIMARY KEY,
    alert INTEGER NOT NULL REFERENCES alert (id) ON DELETE CASCADE,
    event TEXT NOT NULL CHECK (event IN ('fired', 'resolved')),
    channel TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('due', 'sent', 'given-up')),
    attempts INTEGER NOT NULL DEFAULT 0,
    next_ms INTEGER NOT NULL,
    sent_ms INTEGER,
    error TEXT,
    UNIQUE (alert, event, channel)
) STRICT;
CREATE INDEX delivery_due ON delivery (next_ms) WHERE state = 'due';

-- The sheets that were made by a run, and what they were made from. The inputs go with retention and erasure.
CREATE TABLE sheet (
    id TEXT NOT NULL PRIMARY KEY,
    as_of_ms INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    -- The digest of the sheet's JSON.
    json BLOB NOT NULL CHECK (length(json) = 32),
    -- Compressed; null where they were taken, and why.
    inputs BLOB,
    taken TEXT CHECK (taken IN ('retention', 'erasure')),
    -- The earliest instant that the inputs reach back to.
    since_ms INTEGER NOT NULL,
    CHECK ((inputs IS NULL) = (taken IS NOT NULL))
) STRICT;

-- The components that the kept sheets were made with, by digest, compressed.
CREATE TABLE component (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    bytes BLOB NOT NULL
) STRICT;

-- Which sheets need which of them: one that no sheet with inputs needs goes.
CREATE TABLE sheet_component (
    sheet TEXT NOT NULL REFERENCES sheet (id) ON DELETE CASCADE,
    component BLOB NOT NULL REFERENCES component (digest),
    PRIMARY KEY (sheet, component)
) STRICT, WITHOUT ROWID;
CREATE INDEX sheet_component_of ON sheet_component (component);

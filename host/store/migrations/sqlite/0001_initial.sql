-- Times are milliseconds since 1970-01-01T00:00:00Z, in UTC. Windows are half-open.

-- Who writes. No row: nobody.
CREATE TABLE lease (
    slot INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    token TEXT NOT NULL,
    host TEXT NOT NULL,
    pid INTEGER NOT NULL,
    task TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT;

-- The roster that was imported. Lists are JSON: of texts, and of pairs for the attributes.
CREATE TABLE client (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    domains TEXT NOT NULL,
    aliases TEXT NOT NULL,
    attributes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- What persons decided about clients and source clients.
CREATE TABLE decision (
    provider TEXT NOT NULL,
    client TEXT NOT NULL,
    source TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (provider, client, source)
) STRICT, WITHOUT ROWID;

-- A provider under one set of settings. All that was pulled hangs on one of these.
CREATE TABLE scope (
    id INTEGER NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    settings BLOB NOT NULL CHECK (length(settings) = 32),
    UNIQUE (provider, settings)
) STRICT;

-- How a scope's last sync went.
CREATE TABLE sync_record (
    scope INTEGER NOT NULL PRIMARY KEY REFERENCES scope (id),
    last_attempt_ms INTEGER,
    last_success_ms INTEGER,
    failure_kind TEXT,
    failure_message TEXT,
    failure_remedy TEXT,
    CHECK ((failure_kind IS NULL) = (failure_message IS NULL) AND (failure_kind IS NULL) = (failure_remedy IS NULL))
) STRICT;

-- What has been pulled whole: disjoint windows, neighbours merged.
CREATE TABLE coverage (
    scope INTEGER NOT NULL REFERENCES scope (id),
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
    PRIMARY KEY (scope, start_ms)
) STRICT, WITHOUT ROWID;

-- The source's clients as last pulled. Lists are JSON arrays of texts.
CREATE TABLE source_client (
    scope INTEGER NOT NULL REFERENCES scope (id),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    identifiers TEXT NOT NULL,
    domains TEXT NOT NULL,
    PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- What many records share, so that a record itself is little more than its id and three
-- numbers: whose it is, and its kind or, where it was rejected, the reason.
CREATE TABLE series (
    id INTEGER NOT NULL PRIMARY KEY,
    scope INTEGER NOT NULL REFERENCES scope (id),
    client_by TEXT NOT NULL CHECK (client_by IN ('id', 'name', 'nobody')),
    client TEXT NOT NULL,
    rejected INTEGER NOT NULL CHECK (rejected IN (0, 1)),
    label TEXT NOT NULL,
    UNIQUE (scope, client_by, client, rejected, label)
) STRICT;

-- Every record with an id, whether it counts or was rejected (then it has no value).
-- An event ends when it starts. A rejection without a time in its pull's window holds that whole window.
-- `seen` is the newest pull there was when the record was last stored: a pull withdraws what is below its own id.
--
-- One tree, in the order of ids, because sources hand out records about in that order: pages then
-- append. An order by time would write a page of the file for nearly every record that comes out
-- of order, which is many times as slow; a window is read by one pass over the scope instead.
CREATE TABLE record (
    scope INTEGER NOT NULL,
    id TEXT NOT NULL,
    series INTEGER NOT NULL REFERENCES series (id),
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    value REAL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- Rejections are counted in here alone, without reading what counts; records that count cost nothing.
CREATE INDEX record_rejected ON record (scope, id, series, start_ms, end_ms, value) WHERE value IS NULL;

-- Rejections of records without an id: nothing replaces them one by one, so equal ones are only counted.
CREATE TABLE rejected_without_id (
    scope INTEGER NOT NULL,
    pull INTEGER NOT NULL,
    series INTEGER NOT NULL REFERENCES series (id),
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (scope, pull, series, start_ms, end_ms)
) STRICT, WITHOUT ROWID;

-- Pulls that were begun and are not finished. Ids are never given twice: records outlive their pull.
CREATE TABLE pull (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    scope INTEGER NOT NULL REFERENCES scope (id),
    -- The source client, for a pull of one.
    client TEXT,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    decides INTEGER NOT NULL CHECK (decides IN (0, 1)),
    -- How many observations touched the window when the pull began.
    stood INTEGER NOT NULL
) STRICT;

-- Pages still to fetch.
CREATE TABLE pull_cursor (
    pull INTEGER NOT NULL REFERENCES pull (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    cursor BLOB NOT NULL,
    PRIMARY KEY (pull, position)
) STRICT, WITHOUT ROWID;

-- Pages committed.
CREATE TABLE pull_page (
    pull INTEGER NOT NULL REFERENCES pull (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (pull, position)
) STRICT, WITHOUT ROWID;

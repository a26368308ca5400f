-- The schema of a store. Times are milliseconds since 1970-01-01T00:00:00Z; windows are half-open.

-- Which providers are being synced, and by whom. A lock that expired may be taken over.
CREATE TABLE provider_lock (
    provider TEXT NOT NULL PRIMARY KEY,
    instance TEXT NOT NULL,
    actor TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The imported roster. Lists are JSON: arrays of strings, and of pairs for the attributes.
CREATE TABLE client (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    domains TEXT NOT NULL,
    aliases TEXT NOT NULL,
    attributes TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Users' decisions on whether a client and a source client are the same.
CREATE TABLE decision (
    provider TEXT NOT NULL,
    client TEXT NOT NULL,
    source TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('same', 'different')),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (provider, client, source)
) STRICT, WITHOUT ROWID;

-- The mappings that rules made at a source's last sync, so that a broken one can be reported with its rule.
CREATE TABLE former_mapping (
    provider TEXT NOT NULL,
    client TEXT NOT NULL,
    source TEXT NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (provider, client, source)
) STRICT, WITHOUT ROWID;

-- A provider under one set of settings. Everything pulled belongs to one of these.
CREATE TABLE scope (
    id INTEGER NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    settings BLOB NOT NULL CHECK (length(settings) = 32),
    UNIQUE (provider, settings)
) STRICT;

-- The outcome of a scope's last sync.
CREATE TABLE sync_record (
    scope INTEGER NOT NULL PRIMARY KEY REFERENCES scope (id),
    last_attempt_ms INTEGER,
    last_success_ms INTEGER,
    failure_kind TEXT,
    failure_message TEXT,
    -- JSON.
    failure_remedy TEXT,
    CHECK ((failure_kind IS NULL) = (failure_message IS NULL) AND (failure_kind IS NULL) = (failure_remedy IS NULL))
) STRICT;

-- Windows that were pulled completely, by kind of observation: disjoint, neighbours merged.
CREATE TABLE coverage (
    scope INTEGER NOT NULL REFERENCES scope (id),
    kind TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL CHECK (end_ms > start_ms),
    PRIMARY KEY (scope, kind, start_ms)
) STRICT, WITHOUT ROWID;

-- Observations that ended before this were pruned: nothing older is requested or stored.
CREATE TABLE pruned (
    scope INTEGER NOT NULL PRIMARY KEY REFERENCES scope (id),
    until_ms INTEGER NOT NULL
) STRICT;

-- The source's clients. Listed: as the source listed them at the last sync. Unlisted: as records name them, which is all
-- there is of a source without a list. Lists are JSON arrays: of strings, and of pairs for the attributes.
CREATE TABLE source_client (
    scope INTEGER NOT NULL REFERENCES scope (id),
    listed INTEGER NOT NULL CHECK (listed IN (0, 1)),
    id TEXT NOT NULL,
    name TEXT NOT NULL,
    active INTEGER NOT NULL CHECK (active IN (0, 1)),
    identifiers TEXT NOT NULL,
    domains TEXT NOT NULL,
    attributes TEXT NOT NULL,
    PRIMARY KEY (scope, listed, id)
) STRICT, WITHOUT ROWID;

-- What many records share, so that a record is little more than its id and three numbers: the source client, and the
-- kind of observation or, for a rejected record, the reason.
CREATE TABLE series (
    id INTEGER NOT NULL PRIMARY KEY,
    scope INTEGER NOT NULL REFERENCES scope (id),
    client_by TEXT NOT NULL CHECK (client_by IN ('id', 'name', 'nobody')),
    client TEXT NOT NULL,
    rejected INTEGER NOT NULL CHECK (rejected IN (0, 1)),
    label TEXT NOT NULL,
    UNIQUE (scope, client_by, client, rejected, label)
) STRICT;

-- Every record with an id, accepted or rejected (a rejected one has no value).
-- An event ends when it starts. A rejected record without a time inside its pull's window spans that window.
-- `seen` is the newest pull when the record was last stored: a complete pull deletes what is below its own id.
--
-- Clustered by id, because sources return records roughly in that order, so that pages append. An index on time makes
-- an insert out of order write one page of the file per record; a window is one pass over the scope instead.
-- `series` has no foreign key: the writer resolves it in the same transaction, and the check takes a third of a sync.
CREATE TABLE record (
    scope INTEGER NOT NULL,
    id TEXT NOT NULL,
    series INTEGER NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    value REAL,
    seen INTEGER NOT NULL,
    PRIMARY KEY (scope, id)
) STRICT, WITHOUT ROWID;

-- Counts and deletes rejected records without reading accepted ones, which cost it nothing.
CREATE INDEX record_rejected ON record (scope, id, series, start_ms, end_ms, value, seen) WHERE value IS NULL;

-- Rejected records without an id: nothing can replace one of them, so equal ones are only counted.
CREATE TABLE rejected_without_id (
    scope INTEGER NOT NULL,
    pull INTEGER NOT NULL,
    series INTEGER NOT NULL REFERENCES series (id),
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    records INTEGER NOT NULL,
    PRIMARY KEY (scope, pull, series, start_ms, end_ms)
) STRICT, WITHOUT ROWID;

-- Unfinished pulls. Ids are never reused: records outlive their pull.
CREATE TABLE pull (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    scope INTEGER NOT NULL REFERENCES scope (id),
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    began_ms INTEGER NOT NULL,
    -- Whether its kinds are all in use: then it deletes rejected records too.
    all_kinds INTEGER NOT NULL CHECK (all_kinds IN (0, 1)),
    decides INTEGER NOT NULL CHECK (decides IN (0, 1)),
    -- How many observations of its kinds touched the window when the pull began.
    prior INTEGER NOT NULL,
    -- Rows in the committed pages, and the smallest total that the source gave.
    read INTEGER NOT NULL,
    total INTEGER
) STRICT;

-- The kinds of observation that a pull covers.
CREATE TABLE pull_kind (
    pull INTEGER NOT NULL REFERENCES pull (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    PRIMARY KEY (pull, kind)
) STRICT, WITHOUT ROWID;

-- Pages still to fetch.
CREATE TABLE pull_cursor (
    pull INTEGER NOT NULL REFERENCES pull (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    cursor BLOB NOT NULL,
    PRIMARY KEY (pull, position)
) STRICT, WITHOUT ROWID;

-- Committed pages.
CREATE TABLE pull_page (
    pull INTEGER NOT NULL REFERENCES pull (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    PRIMARY KEY (pull, position)
) STRICT, WITHOUT ROWID;

-- The audit log. Each hash covers the entry, a digest of its detail and the previous hash; see scoresheet-domain, audit.
-- An erasure sets detail (JSON) and nonce to NULL together.
CREATE TABLE audit (
    seq INTEGER NOT NULL PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    detail TEXT,
    nonce BLOB,
    detail_digest BLOB NOT NULL CHECK (length(detail_digest) = 32),
    previous BLOB NOT NULL CHECK (length(previous) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK ((detail IS NULL) = (nonce IS NULL))
) STRICT;

-- Where the audit log begins after pruning, and where it ends: a truncated tail is detected.
CREATE TABLE audit_anchor (
    slot INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    base_seq INTEGER NOT NULL,
    base_hash BLOB NOT NULL CHECK (length(base_hash) = 32),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit_anchor VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

-- The access log: requests to the sources, attempt by attempt.
CREATE TABLE access (
    id INTEGER NOT NULL PRIMARY KEY,
    provider TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    status INTEGER,
    fault TEXT,
    attempt INTEGER NOT NULL,
    duration_ms INTEGER NOT NULL,
    bytes_sent INTEGER NOT NULL,
    bytes_received INTEGER NOT NULL
) STRICT;
CREATE INDEX access_of ON access (provider, at_ms);

-- This store's random bytes: fingerprints made with them mean nothing elsewhere.
CREATE TABLE salt (
    slot INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    bytes BLOB NOT NULL CHECK (length(bytes) = 32)
) STRICT;
INSERT INTO salt VALUES (1, randomblob(32));

-- Each provider's credential, by fingerprint.
CREATE TABLE credential (
    provider TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Each provider's component and settings at its last sync.
CREATE TABLE component_seen (
    provider TEXT NOT NULL PRIMARY KEY,
    component BLOB NOT NULL CHECK (length(component) = 32),
    settings BLOB NOT NULL CHECK (length(settings) = 32)
) STRICT, WITHOUT ROWID;

-- What each provider's component used of its limits in the last run, as JSON.
CREATE TABLE component_usage (
    provider TEXT NOT NULL PRIMARY KEY,
    limits TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Erased source clients, as HMAC of their id or name under the salt: their records are skipped.
CREATE TABLE erased (
    provider TEXT NOT NULL,
    source BLOB NOT NULL CHECK (length(source) = 32),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (provider, source)
) STRICT, WITHOUT ROWID;

-- A row here: the bytes of something erased may still be in the file.
CREATE TABLE wipe_due (
    slot INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1)
) STRICT;

-- Overrides and manual scores. A row changes only when it is cleared, so that the sheet of a past day stays the same,
-- and when an erasure blanks a reason that names the erased client.
CREATE TABLE entry (
    id INTEGER NOT NULL PRIMARY KEY,
    client TEXT NOT NULL,
    metric TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('override', 'manual')),
    score REAL NOT NULL CHECK (score BETWEEN 1 AND 5),
    author TEXT NOT NULL,
    reason TEXT,
    -- When it was entered, and the time for which it is valid.
    at_ms INTEGER NOT NULL,
    from_ms INTEGER NOT NULL,
    until_ms INTEGER,
    cleared_ms INTEGER
) STRICT;
CREATE INDEX entry_of ON entry (client, metric);

-- Alerts. A row is one occurrence: fired once, resolved once.
CREATE TABLE alert (
    id INTEGER NOT NULL PRIMARY KEY,
    rule TEXT NOT NULL,
    kind TEXT NOT NULL,
    -- Deduplicates open alerts: rule, client, metric, provider.
    key TEXT NOT NULL,
    client TEXT,
    metric TEXT,
    provider TEXT,
    message TEXT NOT NULL,
    fired_ms INTEGER NOT NULL,
    resolved_ms INTEGER,
    resolution TEXT,
    acknowledged_ms INTEGER,
    acknowledged_by TEXT,
    note TEXT
) STRICT;
CREATE UNIQUE INDEX alert_open ON alert (key) WHERE resolved_ms IS NULL;

-- Notifications to send. A row per event and channel.
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

-- Sheets made by a run, with their saved inputs. Retention and erasure remove the inputs.
CREATE TABLE sheet (
    id TEXT NOT NULL PRIMARY KEY,
    as_of_ms INTEGER NOT NULL,
    made_ms INTEGER NOT NULL,
    -- The digest of the sheet's JSON.
    json BLOB NOT NULL CHECK (length(json) = 32),
    -- Compressed; NULL after removal, with the reason in `taken`.
    inputs BLOB,
    taken TEXT CHECK (taken IN ('retention', 'erasure')),
    -- The earliest instant in the inputs.
    since_ms INTEGER NOT NULL,
    CHECK ((inputs IS NULL) = (taken IS NOT NULL))
) STRICT;

-- The components that stored sheets were made with, by digest, compressed.
CREATE TABLE component (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    bytes BLOB NOT NULL
) STRICT;

-- Which sheets need which component; one that no sheet with inputs needs is deleted.
CREATE TABLE sheet_component (
    sheet TEXT NOT NULL REFERENCES sheet (id) ON DELETE CASCADE,
    component BLOB NOT NULL REFERENCES component (digest),
    PRIMARY KEY (sheet, component)
) STRICT, WITHOUT ROWID;
CREATE INDEX sheet_component_of ON sheet_component (component);

-- The books beside the data: who did what, what was asked, what is kept for how long, and whom to forget.

ALTER TABLE lease ADD COLUMN user TEXT NOT NULL DEFAULT '';

-- The audit log. Each hash covers the entry, a digest of its detail and the hash before; see scoresheet-domain, audit.
-- Detail (JSON) and nonce go together where an erasure blanks them.
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

-- Where the log begins, since what was too old went, and where it ends: a tail that was cut off shows.
CREATE TABLE audit_anchor (
    slot INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    base_seq INTEGER NOT NULL,
    base_hash BLOB NOT NULL CHECK (length(base_hash) = 32),
    seq INTEGER NOT NULL,
    hash BLOB NOT NULL CHECK (length(hash) = 32)
) STRICT;
INSERT INTO audit_anchor VALUES (1, 0, zeroblob(32), 0, zeroblob(32));

-- Requests to the sources, attempt by attempt.
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
    bytes_received INTEGER NOT NULL,
    from_cache INTEGER NOT NULL CHECK (from_cache IN (0, 1))
) STRICT;
CREATE INDEX access_of ON access (provider, at_ms);

-- Responses to ask for again cheaply. A table with row ids, because envelopes are large.
CREATE TABLE http_cache (
    id INTEGER NOT NULL PRIMARY KEY,
    key BLOB NOT NULL UNIQUE CHECK (length(key) = 32),
    envelope BLOB NOT NULL,
    stored_ms INTEGER NOT NULL
) STRICT;

-- This store's own random bytes: fingerprints made with them mean nothing elsewhere.
CREATE TABLE salt (
    slot INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1),
    bytes BLOB NOT NULL CHECK (length(bytes) = 32)
) STRICT;
INSERT INTO salt VALUES (1, randomblob(32));

-- The credential that each provider has, by fingerprint.
CREATE TABLE credential (
    provider TEXT NOT NULL PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    first_seen_ms INTEGER NOT NULL,
    last_seen_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- The component and the settings that each provider had when it was synced last.
CREATE TABLE component_seen (
    provider TEXT NOT NULL PRIMARY KEY,
    component BLOB NOT NULL CHECK (length(component) = 32),
    settings BLOB NOT NULL CHECK (length(settings) = 32)
) STRICT, WITHOUT ROWID;

-- What each component used of its limits, as JSON.
CREATE TABLE component_use (
    provider TEXT NOT NULL PRIMARY KEY,
    use TEXT NOT NULL,
    at_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Up to when a scope was pruned: nothing before that is asked for or taken in.
CREATE TABLE pruned (
    scope INTEGER NOT NULL PRIMARY KEY REFERENCES scope (id),
    until_ms INTEGER NOT NULL
) STRICT;

-- What is left of pruned observations. The sum is exact: the parts of it, eight bytes each.
CREATE TABLE month (
    scope INTEGER NOT NULL REFERENCES scope (id),
    series INTEGER NOT NULL REFERENCES series (id),
    month TEXT NOT NULL,
    records INTEGER NOT NULL,
    sum BLOB NOT NULL,
    min REAL NOT NULL,
    max REAL NOT NULL,
    PRIMARY KEY (scope, series, month)
) STRICT, WITHOUT ROWID;

-- Source clients that were erased, by the HMAC of what names them under the salt: their records are skipped.
CREATE TABLE erased (
    provider TEXT NOT NULL,
    source BLOB NOT NULL CHECK (length(source) = 32),
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (provider, source)
) STRICT, WITHOUT ROWID;

-- A row here: something was erased whose bytes may still be in the file.
CREATE TABLE wipe_due (
    slot INTEGER NOT NULL PRIMARY KEY CHECK (slot = 1)
) STRICT;

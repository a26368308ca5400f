-- The ties that rules had made when a source was last synced, so that one that breaks can be told for what it was.
CREATE TABLE tie (
    provider TEXT NOT NULL,
    client TEXT NOT NULL,
    source TEXT NOT NULL,
    rule TEXT NOT NULL,
    PRIMARY KEY (provider, client, source)
) STRICT, WITHOUT ROWID;

//! Every statement that reads or changes data, in SQL that SQLite and PostgreSQL share: numbered placeholders, upserts,
//! `RETURNING`, common table expressions, `FILTER`. The schema, pragmas and locking are each database's own.

// The file

pub(crate) const HEADER: &str = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema)
     FROM pragma_application_id, pragma_user_version";

// Locks

/// Changes no row if another instance's lock has not expired at ?6.
pub(crate) const PUT_LOCK: &str =
    "INSERT INTO provider_lock (provider, instance, actor, since_ms, until_ms) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (provider) DO UPDATE SET instance = excluded.instance, actor = excluded.actor,
         since_ms = CASE WHEN provider_lock.instance = excluded.instance THEN provider_lock.since_ms
             ELSE excluded.since_ms END,
         until_ms = excluded.until_ms
     WHERE provider_lock.instance = excluded.instance OR provider_lock.until_ms <= ?6";
pub(crate) const LOCK: &str = "SELECT actor, since_ms, until_ms FROM provider_lock WHERE provider = ?1";
pub(crate) const LOCKS: &str = "SELECT provider, actor FROM provider_lock ORDER BY provider";
pub(crate) const HAS_LOCK: &str = "SELECT EXISTS (SELECT 1 FROM provider_lock WHERE provider = ?1 AND instance = ?2)";
pub(crate) const RENEW_LOCK: &str = "UPDATE provider_lock SET until_ms = ?1 WHERE provider = ?2 AND instance = ?3";
pub(crate) const DELETE_LOCK: &str = "DELETE FROM provider_lock WHERE provider = ?1 AND instance = ?2";

// The roster and the mapping

pub(crate) const CLIENTS: &str = "SELECT id, name, kind, active, domains, aliases, attributes FROM client ORDER BY id";
pub(crate) const TAKE_CLIENTS: &str = "DELETE FROM client RETURNING id";
pub(crate) const ADD_CLIENT: &str = "INSERT INTO client (id, name, kind, active, domains, aliases, attributes)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
pub(crate) const DELETE_CLIENT: &str = "DELETE FROM client WHERE id = ?1";
pub(crate) const DECISIONS: &str =
    "SELECT client, source, verdict FROM decision WHERE provider = ?1 ORDER BY client, source";
pub(crate) const PUT_DECISION: &str =
    "INSERT INTO decision (provider, client, source, verdict, at_ms) VALUES (?1, ?2, ?3, ?4, ?5)
     ON CONFLICT (provider, client, source) DO UPDATE SET verdict = excluded.verdict, at_ms = excluded.at_ms";
pub(crate) const DELETE_DECISIONS: &str = "DELETE FROM decision WHERE client = ?1 AND (?2 IS NULL OR provider = ?2)";
pub(crate) const DELETE_CLIENT_DECISIONS: &str = "DELETE FROM decision WHERE client = ?1";
pub(crate) const DELETE_SOURCE_DECISIONS: &str = "DELETE FROM decision WHERE provider = ?1 AND source = ?2";
pub(crate) const FORMER_MAPPINGS: &str =
    "SELECT client, source, rule FROM former_mapping WHERE provider = ?1 ORDER BY client, source";
pub(crate) const DELETE_FORMER_MAPPINGS: &str = "DELETE FROM former_mapping WHERE provider = ?1";
pub(crate) const PUT_FORMER_MAPPING: &str =
    "INSERT INTO former_mapping (provider, client, source, rule) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (provider, client, source) DO UPDATE SET rule = excluded.rule";
pub(crate) const DELETE_CLIENT_FORMER_MAPPINGS: &str = "DELETE FROM former_mapping WHERE client = ?1";
pub(crate) const DELETE_SOURCE_FORMER_MAPPINGS: &str = "DELETE FROM former_mapping WHERE provider = ?1 AND source = ?2";

// Scopes

pub(crate) const SCOPE: &str = "SELECT id FROM scope WHERE provider = ?1 AND settings = ?2";
pub(crate) const ADD_SCOPE: &str = "INSERT INTO scope (provider, settings) VALUES (?1, ?2) RETURNING id";
pub(crate) const SCOPES: &str = "SELECT provider, settings FROM scope ORDER BY id";
pub(crate) const SCOPES_OF: &str = "SELECT id FROM scope WHERE provider = ?1";
pub(crate) const LISTED_CLIENTS: &str =
    "SELECT id, name, active, identifiers, domains, attributes FROM source_client WHERE scope = ?1 AND listed = 1
     ORDER BY id";
/// Those that a record still names: by id, or only by name. One pass over the scope's records.
pub(crate) const UNLISTED_CLIENTS: &str = "WITH used (client_by, client) AS MATERIALIZED (
         SELECT client_by, client FROM series WHERE id IN (
             SELECT series FROM record WHERE scope = ?1 UNION SELECT series FROM rejected_without_id WHERE scope = ?1))
     SELECT id, name, active, identifiers, domains, attributes FROM source_client
     WHERE scope = ?1 AND listed = 0 AND (id IN (SELECT client FROM used WHERE client_by = 'id')
         OR name IN (SELECT client FROM used WHERE client_by = 'name'))
     ORDER BY id";
pub(crate) const SOURCE_CLIENT_NAMES: &str = "SELECT id, name, listed FROM source_client WHERE scope = ?1";
pub(crate) const DELETE_LISTED_CLIENTS: &str = "DELETE FROM source_client WHERE scope = ?1 AND listed = 1";
pub(crate) const DELETE_SOURCE_CLIENT: &str = "DELETE FROM source_client WHERE scope = ?1 AND id = ?2";
pub(crate) const DELETE_UNLISTED_CLIENT: &str = "DELETE FROM source_client WHERE scope = ?1 AND listed = 0 AND id = ?2";
pub(crate) const PUT_LISTED_CLIENT: &str =
    "INSERT INTO source_client (scope, listed, id, name, active, identifiers, domains, attributes)
     VALUES (?1, 1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT (scope, listed, id) DO UPDATE SET name = excluded.name, active = excluded.active,
         identifiers = excluded.identifiers, domains = excluded.domains, attributes = excluded.attributes";
pub(crate) const PUT_UNLISTED_CLIENT: &str =
    "INSERT INTO source_client (scope, listed, id, name, active, identifiers, domains, attributes)
     VALUES (?1, 0, ?2, ?3, 1, '[]', '[]', '[]')
     ON CONFLICT (scope, listed, id) DO UPDATE SET name = excluded.name";
pub(crate) const COVERAGE: &str = "SELECT kind, start_ms, end_ms FROM coverage WHERE scope = ?1";
pub(crate) const TAKE_COVERAGE_OF: &str =
    "DELETE FROM coverage WHERE scope = ?1 AND kind = ?2 RETURNING start_ms, end_ms";
pub(crate) const TAKE_COVERAGE_BEFORE: &str =
    "DELETE FROM coverage WHERE scope = ?1 AND start_ms < ?2 RETURNING kind, start_ms, end_ms";
pub(crate) const ADD_COVERAGE: &str = "INSERT INTO coverage (scope, kind, start_ms, end_ms) VALUES (?1, ?2, ?3, ?4)";
pub(crate) const SYNC_RECORD: &str =
    "SELECT last_attempt_ms, last_success_ms, failure_kind, failure_message, failure_remedy
     FROM sync_record WHERE scope = ?1";
pub(crate) const PUT_SYNC_RECORD: &str =
    "INSERT INTO sync_record (scope, last_attempt_ms, last_success_ms, failure_kind, failure_message, failure_remedy)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)
     ON CONFLICT (scope) DO UPDATE SET last_attempt_ms = excluded.last_attempt_ms,
         last_success_ms = excluded.last_success_ms, failure_kind = excluded.failure_kind,
         failure_message = excluded.failure_message, failure_remedy = excluded.failure_remedy";
pub(crate) const FAILURES: &str =
    "SELECT scope, provider, failure_message, failure_remedy FROM sync_record JOIN scope ON scope.id = sync_record.scope
     WHERE failure_message IS NOT NULL";
pub(crate) const BLANK_FAILURE: &str =
    "UPDATE sync_record SET failure_message = ?1, failure_remedy = ?2 WHERE scope = ?3";

// Records

/// Ordinal, `client_by`, client, rejected and label of each series; a NULL ordinal is no row.
pub(crate) fn insert_series(rows: &str) -> String {
    format!(
        "INSERT INTO series (scope, client_by, client, rejected, label)
         SELECT ?1, column2, column3, column4, column5 FROM (VALUES {rows}) WHERE column1 IS NOT NULL
         ON CONFLICT DO NOTHING"
    )
}

/// The ordinals of the same rows and their ids. The join goes from the values to the table, never the other way round.
pub(crate) fn select_series(rows: &str) -> String {
    format!(
        "SELECT column1, id FROM (SELECT ?1 AS wanted), (VALUES {rows}) CROSS JOIN series
         WHERE scope = wanted AND client_by = column2 AND client = column3 AND rejected = column4 AND label = column5"
    )
}

/// Id, series, start, end and value of each record; a NULL id is no row.
pub(crate) fn upsert_records(rows: &str) -> String {
    format!(
        "INSERT INTO record (scope, id, series, start_ms, end_ms, value, seen)
         SELECT ?1, column1, column2, column3, column4, column5, ?2 FROM (VALUES {rows}) WHERE column1 IS NOT NULL
         ON CONFLICT (scope, id) DO UPDATE SET series = excluded.series, start_ms = excluded.start_ms,
             end_ms = excluded.end_ms, value = excluded.value, seen = excluded.seen"
    )
}

pub(crate) const COUNT_WITHOUT_ID: &str =
    "INSERT INTO rejected_without_id (scope, pull, series, start_ms, end_ms, records) VALUES (?1, ?2, ?3, ?4, ?5, 1)
     ON CONFLICT (scope, pull, series, start_ms, end_ms) DO UPDATE SET records = rejected_without_id.records + 1";
/// In the order of an index, so that each client's series follow one another.
pub(crate) const SERIES: &str = "SELECT id, client_by, client, label FROM series WHERE scope = ?1 AND rejected = 0
     ORDER BY client_by, client, label";
pub(crate) const SAMPLES: &str = "SELECT series, start_ms, end_ms, value FROM record
     WHERE scope = ?1 AND value IS NOT NULL AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)";
pub(crate) const REJECTIONS: &str = "WITH counted (series, records) AS (
         SELECT series, count(*) FROM record
         WHERE scope = ?1 AND value IS NULL AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2) GROUP BY series
         UNION ALL
         SELECT series, sum(records) FROM rejected_without_id
         WHERE scope = ?1 AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2) GROUP BY series)
     SELECT client_by, client, label, sum(records) FROM counted JOIN series ON series.id = counted.series
     GROUP BY series.id, client_by, client, label";
/// Observations of a pull's kinds in its window. Records of other kinds are left alone by a pull.
macro_rules! observations_of_pull {
    () => {
        "FROM record WHERE scope = ?1 AND value IS NOT NULL AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)
         AND series IN (SELECT series.id FROM series JOIN pull_kind ON pull_kind.kind = series.label
             WHERE series.scope = ?1 AND rejected = 0 AND pull_kind.pull = ?4)"
    };
}

pub(crate) const COUNT_PRIOR: &str = concat!("SELECT count(*) ", observations_of_pull!());
pub(crate) const COUNT_UNSEEN: &str = concat!("SELECT count(*) ", observations_of_pull!(), " AND seen < ?4");
pub(crate) const DELETE_UNSEEN: &str = concat!("DELETE ", observations_of_pull!(), " AND seen < ?4");
pub(crate) const DELETE_UNSEEN_REJECTED: &str = "DELETE FROM record
     WHERE scope = ?1 AND value IS NULL AND seen < ?4 AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)";
pub(crate) const DELETE_UNSEEN_WITHOUT_ID: &str = "DELETE FROM rejected_without_id
     WHERE scope = ?1 AND pull < ?4 AND start_ms < ?3 AND (start_ms >= ?2 OR end_ms > ?2)";
pub(crate) const DELETE_RECORDS_OF: &str = "DELETE FROM record
     WHERE scope = ?1 AND series IN (SELECT id FROM series WHERE scope = ?1 AND client_by = ?2 AND client = ?3)
     RETURNING value";
pub(crate) const DELETE_WITHOUT_ID_OF: &str = "DELETE FROM rejected_without_id
     WHERE scope = ?1 AND series IN (SELECT id FROM series WHERE scope = ?1 AND client_by = ?2 AND client = ?3)
     RETURNING records";
pub(crate) const DELETE_SERIES_OF: &str = "DELETE FROM series WHERE scope = ?1 AND client_by = ?2 AND client = ?3";
pub(crate) const DELETE_UNUSED_SERIES: &str = "DELETE FROM series WHERE scope = ?1 AND id NOT IN (
         SELECT series FROM record WHERE scope = ?1 UNION SELECT series FROM rejected_without_id WHERE scope = ?1)";
pub(crate) const DELETE_UNUSED_CLIENTS: &str = "DELETE FROM source_client
     WHERE scope = ?1 AND listed = 0 AND NOT EXISTS (
         SELECT 1 FROM series WHERE scope = ?1 AND ((client_by = 'id' AND client = source_client.id)
             OR (client_by = 'name' AND client = source_client.name)))";

// Pulls

pub(crate) const PULL: &str = "SELECT scope, start_ms, end_ms, all_kinds, decides, prior, read, total,
         EXISTS (SELECT 1 FROM pull_page WHERE pull_page.pull = pull.id),
         (SELECT max(id) FROM pull AS other WHERE other.scope = pull.scope),
         (SELECT until_ms FROM pruned WHERE pruned.scope = pull.scope),
         EXISTS (SELECT 1 FROM erased WHERE erased.provider = scope.provider)
     FROM pull JOIN scope ON scope.id = pull.scope WHERE pull.id = ?1 AND scope.provider = ?2";
pub(crate) const OPEN_PULLS: &str =
    "SELECT id, start_ms, end_ms, began_ms, decides FROM pull WHERE scope = ?1 ORDER BY id";
pub(crate) const PULL_KINDS: &str = "SELECT kind FROM pull_kind WHERE pull = ?1 ORDER BY kind";
pub(crate) const PULL_TO_ABANDON: &str = "SELECT start_ms, end_ms,
         (SELECT count(*) FROM pull_page WHERE pull_page.pull = pull.id)
     FROM pull JOIN scope ON scope.id = pull.scope WHERE pull.id = ?1 AND provider = ?2";
pub(crate) const ADD_PULL: &str =
    "INSERT INTO pull (scope, start_ms, end_ms, began_ms, all_kinds, decides, prior, read)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, 0) RETURNING id";
pub(crate) const ADD_PULL_KIND: &str = "INSERT INTO pull_kind (pull, kind) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
pub(crate) const SET_PRIOR: &str = "UPDATE pull SET prior = ?2 WHERE id = ?1";
/// A NULL total is none.
pub(crate) const ADD_READ: &str = "UPDATE pull SET read = read + ?2,
         total = CASE WHEN ?3 IS NULL OR total <= ?3 THEN total ELSE ?3 END
     WHERE id = ?1";
/// Its kinds, cursors and digests are deleted with it, by foreign key.
pub(crate) const DELETE_PULL: &str = "DELETE FROM pull WHERE id = ?1";
pub(crate) const DELETE_PULLS_OF: &str = "DELETE FROM pull WHERE scope = ?1";
pub(crate) const DELETE_PULLS_BEFORE: &str = "DELETE FROM pull WHERE scope = ?1 AND start_ms < ?2";
pub(crate) const CURSORS: &str = "SELECT cursor FROM pull_cursor WHERE pull = ?1 ORDER BY position";
pub(crate) const HAS_CURSOR: &str = "SELECT EXISTS (SELECT 1 FROM pull_cursor WHERE pull = ?1)";
pub(crate) const NEXT_CURSOR_POSITION: &str = "SELECT coalesce(max(position) + 1, 0) FROM pull_cursor WHERE pull = ?1";
pub(crate) const ADD_CURSOR: &str = "INSERT INTO pull_cursor (pull, position, cursor) VALUES (?1, ?2, ?3)";
pub(crate) const DELETE_CURSOR: &str = "DELETE FROM pull_cursor WHERE pull = ?1 AND position =
     (SELECT position FROM pull_cursor WHERE pull = ?1 AND cursor = ?2 ORDER BY position LIMIT 1)";
pub(crate) const PAGE_DIGESTS: &str = "SELECT digest FROM pull_page WHERE pull = ?1 ORDER BY position";
pub(crate) const ADD_PULL_PAGE: &str = "INSERT INTO pull_page (pull, position, digest)
     SELECT ?1, coalesce(max(position) + 1, 0), ?2 FROM pull_page WHERE pull = ?1";

// Retention

pub(crate) const PRUNED: &str = "SELECT until_ms FROM pruned WHERE scope = ?1";
pub(crate) const PUT_PRUNED: &str = "INSERT INTO pruned (scope, until_ms) VALUES (?1, ?2)
     ON CONFLICT (scope) DO UPDATE SET until_ms = excluded.until_ms";
pub(crate) const COUNT_OBSERVATIONS_BEFORE: &str =
    "SELECT count(value) FROM record WHERE scope = ?1 AND start_ms < ?2 AND end_ms <= ?2";
pub(crate) const DELETE_RECORDS_BEFORE: &str = "DELETE FROM record WHERE scope = ?1 AND start_ms < ?2 AND end_ms <= ?2";
pub(crate) const DELETE_WITHOUT_ID_BEFORE: &str =
    "DELETE FROM rejected_without_id WHERE scope = ?1 AND start_ms < ?2 AND end_ms <= ?2 RETURNING records";

// The audit log

pub(crate) const NEXT_AUDIT: &str = "SELECT seq + 1, hash, randomblob(16) FROM audit_anchor";
pub(crate) const ADD_AUDIT: &str =
    "INSERT INTO audit (seq, at_ms, actor, action, subject, detail, nonce, detail_digest, previous, hash)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
pub(crate) const AUDIT_ANCHOR: &str = "SELECT base_seq, base_hash, seq, hash FROM audit_anchor";
pub(crate) const MOVE_AUDIT_END: &str = "UPDATE audit_anchor SET seq = ?1, hash = ?2";
pub(crate) const MOVE_AUDIT_BEGINNING: &str = "UPDATE audit_anchor SET base_seq = ?1, base_hash = ?2";
pub(crate) const NEWEST_AUDIT: &str =
    "SELECT seq, at_ms, actor, action, subject, detail, nonce, detail_digest, previous, hash
     FROM audit WHERE at_ms >= ?1 ORDER BY seq DESC LIMIT ?2";
pub(crate) const AUDIT_AFTER: &str =
    "SELECT seq, at_ms, actor, action, subject, detail, nonce, detail_digest, previous, hash
     FROM audit WHERE seq > ?1 ORDER BY seq LIMIT ?2";
pub(crate) const FIRST_AUDIT_SINCE: &str = "SELECT min(seq) FROM audit WHERE at_ms >= ?1";
pub(crate) const AUDIT_HASH: &str = "SELECT hash FROM audit WHERE seq = ?1";
pub(crate) const DELETE_AUDIT_THROUGH: &str = "DELETE FROM audit WHERE seq <= ?1";
pub(crate) const AUDIT_DETAILS_OF: &str =
    "SELECT action, detail FROM audit WHERE action IN (?1, ?2) AND detail IS NOT NULL ORDER BY seq";
pub(crate) const AUDIT_DETAILS_EXCEPT: &str =
    "SELECT seq, detail FROM audit WHERE detail IS NOT NULL AND action NOT IN (?1, ?2) ORDER BY seq";
pub(crate) const BLANK_AUDIT_DETAIL: &str = "UPDATE audit SET detail = NULL, nonce = NULL WHERE seq = ?1";

// The access log, credentials and components

pub(crate) const ADD_ACCESS: &str =
    "INSERT INTO access (provider, at_ms, method, path, status, fault, attempt, duration_ms, bytes_sent,
         bytes_received)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
pub(crate) const ACCESS_LOG: &str =
    "SELECT provider, at_ms, method, path, status, fault, attempt, duration_ms, bytes_sent, bytes_received
     FROM access WHERE provider = ?1 ORDER BY at_ms DESC, id DESC LIMIT ?2";
/// `ok` is true for an attempt that succeeded.
pub(crate) const CONNECTION_USE: &str =
    "WITH attempt AS (SELECT *, fault IS NULL AND status IS NOT NULL AND status < 400 AS ok
         FROM access WHERE provider = ?1 AND at_ms >= ?2)
     SELECT count(*), coalesce(sum(bytes_sent), 0), coalesce(sum(bytes_received), 0),
         count(*) FILTER (WHERE attempt > 1), count(*) FILTER (WHERE status = 429), count(*) FILTER (WHERE NOT ok),
         max(at_ms) FILTER (WHERE ok), max(at_ms) FILTER (WHERE NOT ok)
     FROM attempt";
pub(crate) const NTH_DURATION: &str = "SELECT duration_ms FROM access WHERE provider = ?1 AND at_ms >= ?2
     ORDER BY duration_ms LIMIT 1 OFFSET ?3";
pub(crate) const DELETE_ACCESS_BEFORE: &str = "DELETE FROM access WHERE at_ms < ?1";
pub(crate) const PROVIDERS_OVER_LIMIT: &str = "SELECT provider FROM access GROUP BY provider HAVING count(*) > ?1";
pub(crate) const DELETE_ACCESS_OVER_LIMIT: &str = "DELETE FROM access WHERE provider = ?1 AND (at_ms, id) <=
     (SELECT at_ms, id FROM access WHERE provider = ?1 ORDER BY at_ms DESC, id DESC LIMIT 1 OFFSET ?2)";
pub(crate) const PATHS: &str = "SELECT DISTINCT path FROM access";
pub(crate) const BLANK_PATH: &str = "UPDATE access SET path = ?1 WHERE path = ?2";
pub(crate) const CREDENTIAL: &str =
    "SELECT fingerprint, first_seen_ms, last_seen_ms FROM credential WHERE provider = ?1";
pub(crate) const PUT_CREDENTIAL: &str =
    "INSERT INTO credential (provider, fingerprint, first_seen_ms, last_seen_ms) VALUES (?1, ?2, ?3, ?4)
     ON CONFLICT (provider) DO UPDATE SET fingerprint = excluded.fingerprint,
         first_seen_ms = excluded.first_seen_ms, last_seen_ms = excluded.last_seen_ms";
pub(crate) const COMPONENT_SEEN: &str = "SELECT component, settings FROM component_seen WHERE provider = ?1";
pub(crate) const PUT_COMPONENT_SEEN: &str =
    "INSERT INTO component_seen (provider, component, settings) VALUES (?1, ?2, ?3)
     ON CONFLICT (provider) DO UPDATE SET component = excluded.component, settings = excluded.settings";
pub(crate) const COMPONENT_USAGE: &str = "SELECT limits FROM component_usage WHERE provider = ?1";
pub(crate) const PUT_COMPONENT_USAGE: &str = "INSERT INTO component_usage (provider, limits) VALUES (?1, ?2)
     ON CONFLICT (provider) DO UPDATE SET limits = excluded.limits";
pub(crate) const SALT: &str = "SELECT bytes FROM salt";

// Erasure

pub(crate) const ERASED: &str = "SELECT source FROM erased WHERE provider = ?1";
pub(crate) const PUT_ERASED: &str = "INSERT INTO erased (provider, source, at_ms) VALUES (?1, ?2, ?3)
     ON CONFLICT (provider, source) DO UPDATE SET at_ms = excluded.at_ms";
pub(crate) const DELETE_ERASED: &str = "DELETE FROM erased WHERE source = ?1";
pub(crate) const IS_WIPE_DUE: &str = "SELECT EXISTS (SELECT 1 FROM wipe_due)";
pub(crate) const PUT_WIPE_DUE: &str = "INSERT INTO wipe_due (slot) VALUES (1) ON CONFLICT DO NOTHING";
pub(crate) const DELETE_WIPE_DUE: &str = "DELETE FROM wipe_due";

// Overrides and manual scores

pub(crate) const ENTRIES: &str =
    "SELECT id, client, metric, kind, score, author, reason, at_ms, from_ms, until_ms, cleared_ms
     FROM entry WHERE ?1 OR cleared_ms IS NULL ORDER BY id";
pub(crate) const ADD_ENTRY: &str =
    "INSERT INTO entry (client, metric, kind, score, author, reason, at_ms, from_ms, until_ms, cleared_ms)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) RETURNING id";
pub(crate) const CLEAR_ENTRIES: &str =
    "UPDATE entry SET cleared_ms = ?1 WHERE client = ?2 AND metric = ?3 AND kind = ?4 AND cleared_ms IS NULL";
pub(crate) const DELETE_CLIENT_ENTRIES: &str = "DELETE FROM entry WHERE client = ?1";
pub(crate) const REASONS: &str = "SELECT id, reason FROM entry WHERE reason IS NOT NULL";
pub(crate) const BLANK_REASON: &str = "UPDATE entry SET reason = ?1 WHERE id = ?2";

// Alerts

macro_rules! alert_columns {
    () => {
        "id, rule, kind, key, client, metric, provider, message, fired_ms, resolved_ms, resolution, acknowledged_ms,
         acknowledged_by, note"
    };
}

pub(crate) const ALERT: &str = concat!("SELECT ", alert_columns!(), " FROM alert WHERE id = ?1");
pub(crate) const ALERTS: &str =
    concat!("SELECT ", alert_columns!(), " FROM alert WHERE ?1 OR resolved_ms IS NULL ORDER BY id DESC LIMIT ?2");
pub(crate) const FIRE_ALERT: &str = "INSERT INTO alert (rule, kind, key, client, metric, provider, message, fired_ms)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING RETURNING id";
pub(crate) const RESOLVE_ALERT: &str =
    "UPDATE alert SET resolved_ms = ?1, resolution = ?2 WHERE id = ?3 AND resolved_ms IS NULL";
pub(crate) const ACKNOWLEDGE_ALERT: &str =
    "UPDATE alert SET acknowledged_ms = ?1, acknowledged_by = ?2, note = ?3 WHERE id = ?4";
pub(crate) const DELETE_CLIENT_ALERTS: &str = "DELETE FROM alert WHERE client = ?1";
pub(crate) const ALERT_TEXTS: &str = "SELECT id, message, resolution, note FROM alert";
pub(crate) const BLANK_ALERT: &str = "UPDATE alert SET message = ?1, resolution = ?2, note = ?3 WHERE id = ?4";
pub(crate) const DELIVERIES: &str =
    "SELECT alert, event, channel, state, attempts, next_ms, sent_ms, error FROM delivery WHERE alert >= ?1
     ORDER BY id";
pub(crate) const ADD_DELIVERY: &str =
    "INSERT INTO delivery (alert, event, channel, state, next_ms) VALUES (?1, 'fired', ?2, 'due', ?3)";
pub(crate) const ADD_RESOLVED_DELIVERIES: &str = "INSERT INTO delivery (alert, event, channel, state, next_ms)
     SELECT alert, 'resolved', channel, 'due', ?1 FROM delivery WHERE alert = ?2 AND event = 'fired' ORDER BY id";
/// That something is resolved is not due while the notification that it fired waits for a later time.
pub(crate) const DUE_DELIVERIES: &str = "SELECT id, alert, event, channel, attempts FROM delivery AS it
     WHERE state = 'due' AND next_ms <= ?1 AND NOT (event = 'resolved' AND EXISTS (
         SELECT 1 FROM delivery AS first
         WHERE first.alert = it.alert AND first.channel = it.channel AND first.event = 'fired'
           AND first.state = 'due' AND first.next_ms > ?1))
     ORDER BY id LIMIT ?2";
pub(crate) const BEGIN_DELIVERY: &str =
    "UPDATE delivery SET attempts = attempts + 1, next_ms = ?3 WHERE id = ?1 AND attempts = ?2 AND state = 'due'";
pub(crate) const END_DELIVERY: &str =
    "UPDATE delivery SET state = ?3, next_ms = coalesce(?4, next_ms), sent_ms = ?5, error = ?6
     WHERE id = ?1 AND attempts = ?2 AND state = 'due'";

// Sheets

pub(crate) const HAS_SHEET: &str = "SELECT EXISTS (SELECT 1 FROM sheet WHERE id = ?1)";
pub(crate) const ADD_SHEET: &str =
    "INSERT INTO sheet (id, as_of_ms, made_ms, json, inputs, taken, since_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
     ON CONFLICT DO NOTHING";
pub(crate) const SHEETS: &str = "SELECT id, as_of_ms, made_ms, taken, coalesce(length(inputs), 0) FROM sheet
     ORDER BY made_ms DESC, id LIMIT ?1";
pub(crate) const FIND_SHEETS: &str = "SELECT id, as_of_ms, made_ms, json, inputs, taken, since_ms FROM sheet
     WHERE id >= ?1 AND id < ?2 ORDER BY made_ms DESC, id LIMIT ?3";
pub(crate) const TAKE_INPUTS: &str = "UPDATE sheet SET inputs = NULL, taken = ?1
     WHERE inputs IS NOT NULL AND (?2 IS NULL OR since_ms < ?2) AND (?3 IS NULL OR made_ms < ?3)";
pub(crate) const HAS_COMPONENT: &str = "SELECT EXISTS (SELECT 1 FROM component WHERE digest = ?1)";
pub(crate) const SHEET_COMPONENTS: &str = "SELECT digest, bytes FROM component
     JOIN sheet_component ON sheet_component.component = component.digest WHERE sheet = ?1";
pub(crate) const ADD_COMPONENT: &str = "INSERT INTO component (digest, bytes) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
pub(crate) const ADD_SHEET_COMPONENT: &str =
    "INSERT INTO sheet_component (sheet, component) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
pub(crate) const DELETE_SHEET_COMPONENTS: &str =
    "DELETE FROM sheet_component WHERE sheet IN (SELECT id FROM sheet WHERE inputs IS NULL)";
pub(crate) const DELETE_COMPONENTS: &str =
    "DELETE FROM component WHERE digest NOT IN (SELECT component FROM sheet_component)";

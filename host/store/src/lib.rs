//! The database behind the engine: SQLite, migrations, rows and domain values.

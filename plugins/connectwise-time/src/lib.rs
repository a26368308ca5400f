//! STUB: Project Engagement from made-up ConnectWise time entries.

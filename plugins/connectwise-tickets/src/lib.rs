//! STUB: Help Desk Usage from made-up ConnectWise tickets.

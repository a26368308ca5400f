//! STUB: Agreement Coverage from made-up ConnectWise agreements.

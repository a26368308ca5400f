//! The bundled components as bytes.

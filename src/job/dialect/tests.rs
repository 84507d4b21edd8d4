//! Rows of the table against bodies.

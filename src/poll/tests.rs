//! Tests of the poller in virtual time.

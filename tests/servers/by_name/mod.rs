//! What needs host names that are not loopback by their look: proxies, and look-ups that hang. Run in namespaces.

mod proxies;
mod resolver;

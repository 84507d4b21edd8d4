//! Tests against real peers, which `tests/servers/run.sh` starts: Keystone, nginx, tinyproxy, the official Python SDK,
//! openstacksdk, and a name server that never answers. The jobs are those of the simulator.
#![cfg(all(unix, feature = "simulator", feature = "signing"))]
#![allow(clippy::unwrap_used, reason = "all of this is tests")]

mod by_name;
mod child;
mod openssl;
mod session;
mod logins;
mod openstack;
mod peers;
mod renewal;
mod sdk;
mod throttling;
mod tls;

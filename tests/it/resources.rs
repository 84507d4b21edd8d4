//! Waits for the state of a resource over real sockets, against resources with a scripted state.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::time::Duration;

use cloudjob::simulator::Simulator;
use cloudjob::{Backoff, Client, Resource};
use serde_json::{Value, json};

const MINUTE: Duration = Duration::from_secs(60);

/// A recipe, its path, and a function that makes its body in a state; then a pending, the wanted and a failed state.
type Row = (Resource, &'static str, fn(&str) -> Value, [&'static str; 3]);

fn rows() -> [Row; 8] {
    let phase: fn(&str) -> Value = |state| json!({"status": {"phase": state}});
    [
        (
            Resource::server("a"),
            "/v1/{project_id}/cloudservers/a",
            |state| json!({"server": {"status": state, "OS-EXT-STS:task_state": null}}),
            ["BUILD", "ACTIVE", "ERROR"],
        ),
        (
            Resource::volume("a"),
            "/v2/{project_id}/cloudvolumes/a",
            |state| json!({"volume": {"status": state}}),
            ["creating", "available", "error_restoring"],
        ),
        (
            Resource::image("a"),
            "/v2/cloudimages?id=a",
            |state| json!({"images": [{"status": state}]}),
            ["saving", "active", "killed"],
        ),
        (
            Resource::database("a"),
            "/v3/{project_id}/instances?id=a",
            |state| json!({"instances": [{"status": state}]}),
            ["BACKING UP", "ACTIVE", "FAILED"],
        ),
        (
            Resource::cluster("a"),
            "/api/v3/projects/{project_id}/clusters/a",
            phase,
            ["Creating", "Available", "Error"],
        ),
        (
            Resource::cluster_node("a", "b"),
            "/api/v3/projects/{project_id}/clusters/a/nodes/b",
            phase,
            ["Installing", "Active", "Abnormal"],
        ),
        (
            Resource::share("a"),
            "/v1/{project_id}/sfs-turbo/shares/a",
            |state| json!({"status": state}),
            ["100", "200", "303"],
        ),
        (
            Resource::balancer("a"),
            "/v3/{project_id}/elb/loadbalancers/a",
            |state| json!({"loadbalancer": {"provisioning_status": state}}),
            ["PENDING_CREATE", "ACTIVE", "ERROR"],
        ),
    ]
}

/// A simulator whose resources change with each poll, and a client.
fn simulator() -> (Simulator, Client) {
    let simulator = Simulator::builder().advance_on_poll(MINUTE).start().unwrap();
    let client = simulator.client().unwrap();
    (simulator, client)
}

const FAST: Backoff = Backoff::fixed(Duration::from_millis(1));

#[test]
fn each_recipe_waits_until_the_resource_has_settled() {
    for (resource, path, body, [pending, wanted, _]) in rows() {
        let (simulator, client) = simulator();
        simulator.put_resource(path, [(MINUTE * 2, body(pending)), (Duration::MAX, body(wanted))]);
        let value = client.wait_for(resource).backoff(FAST).run();
        assert_eq!(value.unwrap_or_else(|error| panic!("{path}: {error}")), wanted, "{path}");
        assert!(simulator.requests().len() >= 2, "{path}");
    }
}

#[test]
fn each_recipe_ends_with_an_error_when_the_resource_fails() {
    for (resource, path, body, [pending, _, failed]) in rows() {
        let (simulator, client) = simulator();
        simulator.put_resource(path, [(MINUTE * 2, body(pending)), (Duration::MAX, body(failed))]);
        let error = client.wait_for(resource).backoff(FAST).run().unwrap_err();
        assert!(error.is_failed() && error.to_string().contains(failed), "{path}: {error}");
    }
}

#[test]
fn each_recipe_can_wait_until_the_resource_is_gone() {
    for (resource, path, body, [_, wanted, _]) in rows() {
        let (simulator, client) = simulator();
        simulator.put_resource(path, [(MINUTE * 3, body(wanted))]);
        let value = client.wait_for(resource.gone()).backoff(FAST).run();
        assert_eq!(value.unwrap_or_else(|error| panic!("{path}: {error}")), Value::Null, "{path}");
        assert_eq!(simulator.requests().last().unwrap().status(), Some(404), "{path}");
    }
}

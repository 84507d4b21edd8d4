//! Resources whose states are known.

use super::Resource;
use crate::util::percent;

impl Resource {
    /// A server (ECS), until it is ACTIVE or SHUTOFF and no task is running on it.
    pub fn server(id: &str) -> Self {
        let mut server = Self::get(path(&["v1", "{project_id}", "cloudservers", id]))
            .until("/server/status", ["ACTIVE", "SHUTOFF"])
            .until("/server/OS-EXT-STS:task_state", ["null", ""])
            .fail_on("/server/status", ["ERROR"]);
        // Some clouds leave it out where there is none.
        server.wanted.or_missing();
        server.gone.add("/server/status", ["DELETED", "SOFT_DELETED"]);
        server
    }

    /// A volume (EVS), until it is available or in use: twice in a row, because it can change right after its job.
    pub fn volume(id: &str) -> Self {
        Self::get(path(&["v2", "{project_id}", "cloudvolumes", id]))
            .until("/volume/status", ["available", "in-use"])
            .fail_on("/volume/status", ["error*"])
            .settled(2)
    }

    /// An image (IMS), until it is active.
    pub fn image(id: &str) -> Self {
        let mut image = Self::get(query(&["v2", "cloudimages"], id))
            .until("/images/0/status", ["active"])
            .fail_on("/images/0/status", ["killed"]);
        image.list = Some("/images");
        image
    }

    /// A database instance (RDS), until it is ACTIVE: no longer being created, backed up or changed.
    pub fn database(id: &str) -> Self {
        let mut database = Self::get(query(&["v3", "{project_id}", "instances"], id))
            .until("/instances/0/status", ["ACTIVE"])
            .fail_on("/instances/0/status", ["FAILED", "CREATE FAIL"]);
        database.list = Some("/instances");
        database
    }

    /// A cluster (CCE), until it is Available.
    pub fn cluster(id: &str) -> Self {
        Self::get(path(&["api", "v3", "projects", "{project_id}", "clusters", id]))
            .until("/status/phase", ["Available"])
            .fail_on("/status/phase", ["Error", "Unavailable"])
    }

    /// A node of a cluster (CCE), until it is Active.
    pub fn cluster_node(cluster_id: &str, node_id: &str) -> Self {
        Self::get(path(&["api", "v3", "projects", "{project_id}", "clusters", cluster_id, "nodes", node_id]))
            .until("/status/phase", ["Active"])
            .fail_on("/status/phase", ["Error", "Abnormal"])
    }

    /// A file share (SFS Turbo), until its status is 200 (available).
    pub fn share(id: &str) -> Self {
        Self::get(path(&["v1", "{project_id}", "sfs-turbo", "shares", id]))
            .until("/status", ["200"])
            .fail_on("/status", ["300", "303"])
    }

    /// A load balancer (ELB v3), until its provisioning status is ACTIVE.
    pub fn balancer(id: &str) -> Self {
        Self::get(path(&["v3", "{project_id}", "elb", "loadbalancers", id]))
            .until("/loadbalancer/provisioning_status", ["ACTIVE"])
            .fail_on("/loadbalancer/provisioning_status", ["ERROR"])
    }
}

/// A path of these segments; ids are encoded, `{project_id}` stays.
fn path(segments: &[&str]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        match *segment {
            "{project_id}" => path.push_str(segment),
            other => percent::encode(other.as_bytes(), &mut path),
        }
    }
    path
}

fn query(segments: &[&str], id: &str) -> String {
    let mut path = path(segments);
    path.push_str("?id=");
    percent::encode(id.as_bytes(), &mut path);
    path
}

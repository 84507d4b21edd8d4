//! The paths at which jobs are polled and started.

use super::Dialect;

/// Where a path leads: the service it names, if any, and the rest.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(in crate::simulator) struct Target<'a> {
    /// The service in the prefix of the path, as in the URLs of the catalog.
    pub(in crate::simulator) service: Option<Dialect>,
    pub(in crate::simulator) project_id: Option<&'a str>,
    /// The services with this path.
    pub(in crate::simulator) dialects: &'static [Dialect],
}

const COMMON: &[Dialect] = &[Dialect::Ecs, Dialect::Sdrs, Dialect::Evs, Dialect::Ims, Dialect::Vbs];
const DATABASES: &[Dialect] =
    &[Dialect::Rds, Dialect::Taurusdb, Dialect::Gaussdb, Dialect::Dds, Dialect::Geminidb];

/// The paths of polls and the services that have them. `{v}` is any version, `{p}` the project id, `{id}` the job id,
/// `{s}` another id. `?` stands for the job id in the query `id`.
const JOB_PATHS: [(&str, &[Dialect]); 15] = [
    ("v1/cloudimages/job/{id}", &[Dialect::Ims]),
    ("api/v3/projects/{p}/jobs/{id}", &[Dialect::Cce]),
    ("v1/{p}/sfs-turbo/jobs/{id}", &[Dialect::SfsTurbo]),
    ("v1/{p}/cloud-phone/jobs/{id}", &[Dialect::Cph]),
    ("v1.0/{p}/job/{id}", &[Dialect::Dws]),
    ("v2/{p}/job/{id}", &[Dialect::WorkspaceApp]),
    ("v2/{p}/workspace-jobs/{id}", &[Dialect::Workspace]),
    ("v2/{p}/graphs/{s}/jobs/{id}/status", &[Dialect::Ges]),
    ("v2/{p}/instances/{s}/tasks/{id}", &[Dialect::Dms]),
    ("v3/{p}/elb/jobs/{id}", &[Dialect::Elb]),
    ("v3/{p}/operation-logs/{id}", &[Dialect::Cbr]),
    ("v3/{p}/jobs/?", DATABASES),
    ("v3/{p}/jobs/{id}", &[Dialect::Ddm]),
    ("v2/{p}/jobs/{id}", &[Dialect::Dcs, Dialect::Swr]),
    // Whatever the version, so that a tool that uses the version of its other calls finds its jobs.
    ("{v}/{p}/jobs/{id}", COMMON),
];

/// The target and the job id of a poll with this path and query; none if no service has it.
///
/// Some services share a path. The first target is that of the service itself, others follow.
pub(in crate::simulator) fn poll_targets<'a>(
    path: &'a str,
    query_id: Option<&'a str>,
) -> impl Iterator<Item = (Target<'a>, &'a str)> {
    let (service, segments) = split_prefix(path);
    let segments = segments.unwrap_or_default();
    JOB_PATHS.into_iter().filter_map(move |(pattern, dialects)| {
        let (project_id, id) = matches(pattern, &segments, query_id)?;
        // The classic load balancer has the common job API.
        let serves = service.is_none_or(|service| {
            dialects.contains(&service) || service == Dialect::Elb && dialects == COMMON
        });
        serves.then_some((Target { service, project_id, dialects }, id))
    })
}

fn matches<'a>(
    pattern: &str,
    segments: &[&'a str],
    query_id: Option<&'a str>,
) -> Option<(Option<&'a str>, &'a str)> {
    let (mut project_id, mut id) = (None, None);
    let mut rest = segments.iter();
    for part in pattern.split('/') {
        if part == "?" {
            id = Some(query_id?);
            continue;
        }
        let segment = *rest.next()?;
        match part {
            "{p}" => project_id = Some(segment),
            "{id}" => id = Some(segment),
            "{s}" => {}
            "{v}" if is_version(segment) => {}
            _ if part == segment => {}
            _ => return None,
        }
    }
    if rest.next().is_some() {
        return None;
    }
    Some((project_id, id?))
}

/// The target of a request that starts a job; none if there is no version and project in the path.
pub(in crate::simulator) fn submit_target(path: &str) -> Option<(Option<&str>, Dialect)> {
    let (service, segments) = split_prefix(path);
    let segments = segments?;
    let (project_id, rest) = match segments.as_slice() {
        ["api", _, "projects", project_id, rest @ ..] => (Some(*project_id), rest),
        [_, "cloudimages", ..] => (None, segments.get(1..)?),
        [_, project_id, rest @ ..] => (Some(*project_id), rest),
        _ => return None,
    };
    if rest.is_empty() {
        return None;
    }
    Some((
        project_id,
        service.unwrap_or_else(|| dialect_of(segments.first().copied().unwrap_or_default(), rest)),
    ))
}

/// The service that has such a path, for a URL that does not name it. ECS if several do.
fn dialect_of(version: &str, rest: &[&str]) -> Dialect {
    let has = |name: &str| rest.contains(&name);
    match (version, rest.first().copied().unwrap_or_default()) {
        ("api", _) => Dialect::Cce,
        (_, "cloudvolumes" | "os-vendor-volumes" | "volumes") => Dialect::Evs,
        (_, "server-groups" | "protected-instances" | "replication-pairs" | "disaster-recovery-drills") => {
            Dialect::Sdrs
        }
        (_, "cloudimages") => Dialect::Ims,
        (_, "cloudbackups") => Dialect::Vbs,
        (_, "sfs-turbo") => Dialect::SfsTurbo,
        (_, "cloud-phone") => Dialect::Cph,
        (_, "elb") => Dialect::Elb,
        (_, "graphs") => Dialect::Ges,
        ("v2", "desktops") => Dialect::Workspace,
        ("v1", "app-servers") => Dialect::WorkspaceApp,
        ("v3", "backups" | "checkpoints" | "vaults") => Dialect::Cbr,
        ("v3", "instances") => Dialect::Rds,
        ("v2", "instances") if has("tasks") => Dialect::Dms,
        ("v2", "instances") => Dialect::Dcs,
        ("v1.0", "clusters") => Dialect::Dws,
        _ => Dialect::Ecs,
    }
}

/// The path without the prefix of the service that the URLs in the catalog have. Segments are none if the path is
/// invalid or has no version.
fn split_prefix(path: &str) -> (Option<Dialect>, Option<Vec<&str>>) {
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    if segments.iter().any(|segment| segment.is_empty()) {
        return (None, None);
    }
    let is_start = |at: usize| {
        let segment = |offset: usize| segments.get(at + offset).copied().unwrap_or_default();
        is_version(segment(0)) || segment(0) == "api" && is_version(segment(1)) && segment(2) == "projects"
    };
    let Some(start) = (0..segments.len()).find(|at| is_start(*at)) else { return (None, None) };
    let service = segments.first().filter(|_| start > 0).and_then(|name| Dialect::from_name(name));
    (service, segments.get(start..).map(<[_]>::to_vec))
}

/// The path of a resource, without the prefix of a service.
pub(in crate::simulator) fn without_prefix(path: &str) -> &str {
    let (first, rest) = path.strip_prefix('/').and_then(|path| path.split_once('/')).unwrap_or_default();
    let is_prefix = Dialect::from_name(first).is_some();
    path.get(path.len() - rest.len() - 1..).filter(|_| is_prefix).unwrap_or(path)
}

/// `v1`, `v2.1`, `v1.0`
fn is_version(segment: &str) -> bool {
    let number = segment.strip_prefix(['v', 'V']).unwrap_or_default();
    number.starts_with(|first: char| first.is_ascii_digit())
        && number.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_poll_is_recognized_by_its_path() {
        let table: [(&str, Option<&str>, &str, Option<Dialect>); 22] = [
            ("/v1/p/jobs/j", None, "ecs", None),
            ("/v1.0/p/jobs/j", None, "ecs", None),
            ("/evs/v1/p/jobs/j", None, "ecs", Some(Dialect::Evs)),
            ("/a/b/V2.1/p/jobs/j", None, "ecs", None),
            ("/v1/cloudimages/job/j", None, "ims", None),
            ("/ims/v1/cloudimages/job/j", None, "ims", Some(Dialect::Ims)),
            ("/elb/v1.0/p/jobs/j", None, "ecs", Some(Dialect::Elb)),
            ("/v3/p/jobs", Some("j"), "rds", None),
            ("/dds/v3/p/jobs", Some("j"), "rds", Some(Dialect::Dds)),
            ("/ddm/v3/p/jobs/j", None, "ddm", Some(Dialect::Ddm)),
            ("/api/v3/projects/p/jobs/j", None, "cce", None),
            ("/cce/api/v3/projects/p/jobs/j", None, "cce", Some(Dialect::Cce)),
            ("/v3/p/operation-logs/j", None, "cbr", None),
            ("/dcs/v2/p/jobs/j", None, "dcs", Some(Dialect::Dcs)),
            ("/v1/p/sfs-turbo/jobs/j", None, "sfs-turbo", None),
            ("/v1.0/p/job/j", None, "dws", None),
            ("/v3/p/elb/jobs/j", None, "elb", None),
            ("/v2/p/graphs/g/jobs/j/status", None, "ges", None),
            ("/v2/p/instances/i/tasks/j", None, "dms", None),
            ("/v2/p/workspace-jobs/j", None, "workspace", None),
            ("/v2/p/job/j", None, "workspace-app", None),
            ("/v1/p/cloud-phone/jobs/j", None, "cph", None),
        ];
        for (path, query_id, first, service) in table {
            let (target, id) = poll_targets(path, query_id).next().expect(path);
            assert_eq!((target.dialects.first().copied(), id), (Dialect::from_name(first), "j"), "{path}");
            assert_eq!(target.service, service, "{path}");
        }
        let unknown = [
            "/v1/p/jobs/",
            "/v1/p//jobs/j",
            "/v1/p/jobs",
            "/v1/p/job/j",
            "/p/jobs/j",
            "/rds/v1/p/jobs/j",
            "/",
            "",
            "*",
        ];
        for path in unknown {
            assert_eq!(poll_targets(path, None).next(), None, "{path}");
        }
    }

    #[test]
    fn services_that_share_a_path_are_all_found() {
        let dialects: Vec<Dialect> =
            poll_targets("/v2/p/jobs/j", None).flat_map(|(target, _)| target.dialects.to_vec()).collect();
        assert!(dialects.contains(&Dialect::Dcs) && dialects.contains(&Dialect::Ecs), "{dialects:?}");
    }

    #[test]
    fn a_submit_is_for_the_service_that_has_the_path() {
        let table = [
            ("/v1/p/cloudservers", Some("p"), Dialect::Ecs),
            ("/v1/p/anything", Some("p"), Dialect::Ecs),
            ("/evs/v2/p/anything", Some("p"), Dialect::Evs),
            ("/v2/p/cloudvolumes", Some("p"), Dialect::Evs),
            ("/v1/p/server-groups", Some("p"), Dialect::Sdrs),
            ("/v2/cloudimages/action", None, Dialect::Ims),
            ("/v3/p/instances", Some("p"), Dialect::Rds),
            ("/dds/v3/p/instances", Some("p"), Dialect::Dds),
            ("/api/v3/projects/p/clusters", Some("p"), Dialect::Cce),
            ("/v1/p/sfs-turbo/shares", Some("p"), Dialect::SfsTurbo),
            ("/v3/p/checkpoints/c/restore", Some("p"), Dialect::Cbr),
        ];
        for (path, project_id, dialect) in table {
            assert_eq!(submit_target(path), Some((project_id, dialect)), "{path}");
        }
        for path in ["/v1/p", "/p/x/y", "/", "", "*", "/v1/p//x", "/api/v3/projects/p"] {
            assert_eq!(submit_target(path), None, "{path}");
        }
    }

    #[test]
    fn the_prefix_of_a_service_is_removed() {
        let table =
            [("/rds/v3/p/x", "/v3/p/x"), ("/v3/p/x", "/v3/p/x"), ("/other/v3/p", "/other/v3/p"), ("/", "/")];
        for (path, expected) in table {
            assert_eq!(without_prefix(path), expected);
        }
    }
}

//! The services whose jobs can be asked.

use std::fmt;
use std::str::FromStr;

/// A service that answers for jobs. All of them do it at the same path; the host differs.
///
/// ```
/// use cloudjob::Service;
///
/// assert_eq!("evs".parse::<Service>()?, Service::Evs);
/// assert_eq!(Service::default().as_str(), "ecs");
/// # Ok::<(), cloudjob::error::EndpointError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd)]
#[non_exhaustive]
pub enum Service {
    /// Bare Metal Server.
    Bms,
    /// Dedicated Host.
    Deh,
    /// Elastic Cloud Server; the default.
    #[default]
    Ecs,
    /// Elastic IP. Its APIs are served by the host and the catalog entry of `vpc`.
    Eip,
    /// Elastic Volume Service.
    Evs,
    /// Image Management Service.
    Ims,
    /// Storage Disaster Recovery Service.
    Sdrs,
    /// Volume Backup Service.
    Vbs,
}

impl Service {
    /// Every service, in the order of their names.
    pub const ALL: [Self; 8] =
        [Self::Bms, Self::Deh, Self::Ecs, Self::Eip, Self::Evs, Self::Ims, Self::Sdrs, Self::Vbs];

    /// The short name in lower case: `ecs`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bms => "bms",
            Self::Deh => "deh",
            Self::Ecs => "ecs",
            Self::Eip => "eip",
            Self::Evs => "evs",
            Self::Ims => "ims",
            Self::Sdrs => "sdrs",
            Self::Vbs => "vbs",
        }
    }

    /// The first part of its host: the short name, but for EIP, which the provider's own SDKs ask at `vpc.`.
    ///
    /// BMS keeps `bms.`; where a region serves it at `ecs.` instead (OTC's eu-de may), the catalog says so.
    pub(crate) const fn host_label(self) -> &'static str {
        match self {
            Self::Eip => "vpc",
            other => other.as_str(),
        }
    }
}

impl fmt::Display for Service {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Service {
    type Err = super::url::EndpointError;

    /// Reads the short name, in any case.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|service| service.as_str().eq_ignore_ascii_case(text)).ok_or_else(|| {
            let shown = crate::util::sanitize::escaped(text, 40);
            let names = Self::ALL.map(Self::as_str).join(", ");
            super::url::EndpointError::new(format!(
                "`{shown}` is not a service with jobs: choose one of {names}"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_service_is_read_back_from_its_name() {
        for service in Service::ALL {
            assert_eq!(service.to_string().parse(), Ok(service));
            assert_eq!(service.to_string().to_uppercase().parse(), Ok(service));
        }
    }

    #[test]
    fn a_stranger_is_told_which_names_there_are() {
        let error = "s3\n".parse::<Service>().unwrap_err().to_string();
        assert_eq!(
            error,
            r"`s3\n` is not a service with jobs: choose one of bms, deh, ecs, eip, evs, ims, sdrs, vbs"
        );
    }
}

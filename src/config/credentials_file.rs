//! `~/.huaweicloud/credentials`, the file of Huawei's SDKs: an INI file whose section `[basic]` has an access key.

use std::path::PathBuf;

use super::env::{self, Environment};
use super::error::SettingsError;
use super::key::{Key, KeyNames, Sourced};
use super::source::{ConfigSource, SourceKind};
use crate::util::secret::Secret;

/// The file named by `HUAWEICLOUD_SDK_CREDENTIALS_FILE`, which then has to exist.
///
/// # Errors
/// If it cannot be read, is not an INI file, or has no section `[basic]`.
pub(crate) fn named(env: &dyn Environment) -> Result<Option<ConfigSource>, SettingsError> {
    match env::path(env, "HUAWEICLOUD_SDK_CREDENTIALS_FILE") {
        Some(path) => env::named_file(env, &path).and_then(read).map(Some),
        None => Ok(None),
    }
}

/// The file in its usual place.
///
/// # Errors
/// As [`named`].
pub(crate) fn usual(env: &dyn Environment) -> Result<Option<ConfigSource>, SettingsError> {
    let path = env.home().map(|home| home.join(PathBuf::from_iter([".huaweicloud", "credentials"])));
    let Some(path) = path else { return Ok(None) };
    env::shown_file(env, &path)?.map(read).transpose()
}

fn read((file, text): (String, String)) -> Result<ConfigSource, SettingsError> {
    let members = match basic(&text) {
        Ok(Some(members)) => members,
        Ok(None) => {
            let problem = "it has no section [basic] with ak and sk";
            return Err(SettingsError::Malformed { file, line: None, problem });
        }
        Err((line, problem)) => return Err(SettingsError::Malformed { file, line: Some(line), problem }),
    };
    let prefix = format!("{file}:basic:");
    let lookup = |name: &str| {
        let found = members.iter().find(|(key, _)| key == name);
        Ok(found.map(|(_, value)| Sourced::new(value.clone(), format!("{prefix}{name}"))))
    };
    let mut set = ConfigSource::new(SourceKind::CredentialsFile, file, prefix.clone(), ROWS);
    set.add(ROWS, &lookup)?;
    Ok(set)
}

type Members = Vec<(String, Secret)>;

/// The members of the section `[basic]`, or the line that is wrong and why.
fn basic(text: &str) -> Result<Option<Members>, (u64, &'static str)> {
    let mut members: Option<Members> = None;
    let mut within = false;
    for (line, number) in text.lines().zip(1..) {
        let line = line.trim();
        if line.is_empty() || line.starts_with(['#', ';']) {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            let name = header.strip_suffix(']').ok_or((number, "a section ends with ]"))?;
            within = name.trim() == "basic";
            if within && members.replace(Members::new()).is_some() {
                return Err((number, "the section [basic] is repeated"));
            }
            continue;
        }
        let Some(members) = members.as_mut().filter(|_| within) else {
            continue;
        };
        let (key, value) =
            line.split_once(['=', ':']).ok_or((number, "a member is written as key = value"))?;
        let key = key.trim().to_ascii_lowercase();
        if members.iter().any(|(other, _)| *other == key) {
            return Err((number, "this member is repeated"));
        }
        members.push((key, Secret::new(value.trim())));
    }
    Ok(members)
}

const ROWS: &[KeyNames] = &[
    (Key::AccessId, &["ak"]),
    (Key::AccessSecret, &["sk"]),
    (Key::SecurityToken, &["security_token"]),
    (Key::ProjectId, &["project_id"]),
    (Key::DomainId, &["domain_id"]),
    (Key::AuthUrl, &["iam_endpoint"]),
    (Key::IdentityProvider, &["idp_id"]),
    (Key::IdentityProvider, &["id_token_file"]),
];

#[cfg(test)]
mod tests {
    use crate::config::env::fake::{FORBIDDEN, Fake, slashes, told};

    const USUAL: &str = "/home/me/.huaweicloud/credentials";

    #[test]
    fn credentials_are_read_from_the_basic_section() {
        let table = [
            ("[basic]\nak = a\nsk = s\nproject_id = p\n", "ak=a sk=s project_id=p"),
            ("\u{feff}# mine\r\n[basic]\r\nAK=a\r\n; and\r\nsk:s\r\nproject_id=p", "ak=a sk=s project_id=p"),
            (
                "[global]\nak=ga\nsk=gs\nodd\n[ basic ]\nak=a\nsk=s=/+==\nsecurity_token=t\nproject_id=p\niam_endpoint=https://iam:443\n[more]\nak=n",
                "ak=a sk=s=/+== st=t auth_url=https://iam:443 project_id=p",
            ),
        ];
        for (text, expected) in table {
            let settings = Fake::default().file(USUAL, text).find().unwrap();
            assert_eq!(told(&settings), expected, "{text}");
            assert_eq!(slashes(&settings.source), "~/.huaweicloud/credentials");
            let source = settings.project_id.unwrap().source;
            assert_eq!(slashes(&source), "~/.huaweicloud/credentials:basic:project_id");
        }
    }

    #[test]
    fn errors_name_the_line() {
        let table = [
            ("", "~/.huaweicloud/credentials is invalid: it has no section [basic] with ak and sk"),
            (
                "[global]\nak=a",
                "~/.huaweicloud/credentials is invalid: it has no section [basic] with ak and sk",
            ),
            (
                "[basic]\n\nak a",
                "~/.huaweicloud/credentials is invalid at line 3: a member is written as key = value",
            ),
            ("[basic\nak=a", "~/.huaweicloud/credentials is invalid at line 1: a section ends with ]"),
            (
                "[basic]\nak=a\nAk=b",
                "~/.huaweicloud/credentials is invalid at line 3: this member is repeated",
            ),
            (
                "[basic]\n[basic]",
                "~/.huaweicloud/credentials is invalid at line 2: the section [basic] is repeated",
            ),
            (
                "[basic]\nak=a\nproject_id=p",
                "the access key from ~/.huaweicloud/credentials:basic:ak is incomplete; set ~/.huaweicloud/credentials:basic:sk",
            ),
            (
                "[basic]\nproject_id=p",
                "~/.huaweicloud/credentials has no credentials; give ak and sk in its section [basic]",
            ),
            (
                "[basic]\nidp_id=i",
                "~/.huaweicloud/credentials:basic:idp_id is not supported: there is no login through an identity provider; give a token, an access key or a password",
            ),
            (FORBIDDEN, "~/.huaweicloud/credentials cannot be read: permission denied"),
        ];
        for (text, expected) in table {
            let error = Fake::default().file(USUAL, text).find().map(|found| told(&found)).unwrap_err();
            assert_eq!(slashes(&error.to_string()), expected, "{text}");
        }
    }

    #[test]
    fn a_file_named_by_a_variable_has_to_exist() {
        let env = Fake::new(&[("HUAWEICLOUD_SDK_CREDENTIALS_FILE", "/mine")]).file(USUAL, "[basic]\nak=a");
        let error = env.find().map(|found| told(&found)).unwrap_err();
        let expected =
            "/mine cannot be read: the file that HUAWEICLOUD_SDK_CREDENTIALS_FILE names does not exist";
        assert_eq!(error.to_string(), expected);
    }
}

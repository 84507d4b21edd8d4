//! Longer texts of `--help` and of the manual pages.

/// The heading of the options that choose the endpoint and the credentials.
pub(super) const CONNECTION: &str = "Endpoint and credentials";

/// The variables and files that are read.
pub(crate) const ENVIRONMENT: &str = "\
Environment (an option takes precedence):
  OS_AUTH_URL, OS_USERNAME, OS_PASSWORD, OS_USER_DOMAIN_NAME,
  OS_PROJECT_NAME or OS_PROJECT_ID  log in with a password
  OS_TOKEN, OS_PROJECT_ID           use a token
  OS_ACCESS_KEY, OS_SECRET_KEY, OS_PROJECT_ID
                                    sign with an access key
  HUAWEICLOUD_SDK_AK, HUAWEICLOUD_SDK_SK, HUAWEICLOUD_SDK_PROJECT_ID,
  HW_ACCESS_KEY, HW_SECRET_KEY, ... the same, as other tools name it
  OS_CLOUD                          use a cloud of clouds.yaml
  OS_REGION_NAME, HW_REGION_NAME    the region
  HUAWEICLOUD_SDK_REGION_{SERVICE}_{REGION}
                                    the endpoint of a service in a region
  HTTPS_PROXY, NO_PROXY             the proxy
  NO_COLOR, CLICOLOR_FORCE          no colors; colors even without a terminal
Files: clouds.yaml, ~/.huaweicloud/credentials";

pub(super) const TOP_EXAMPLES: &str = "\
Options may also stand before the subcommand. `cloudjob help COMMAND` lists those of a subcommand.

Examples:
  cloudjob demo
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  create-servers | cloudjob wait - --output json";

pub(super) const SHOW_EXAMPLES: &str =
    "Example: cloudjob show ff8080829585af7f0195c1e776d9475c --output json";

pub(super) const WAIT_EXAMPLES: &str = "\
Examples:
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  cloudjob wait @response.json --output ids
  cloudjob wait ff8080829585af7f0195c1e776d9475c evs:ff8080829585af7f0195c1e776d9475d
  create-servers | cloudjob wait - --fail-fast";

pub(super) const UNTIL_EXAMPLES: &str = "\
Examples:
  cloudjob until /v1/{project_id}/cloudservers/ID --is /server/status=ACTIVE --fail /server/status=ERROR
  cloudjob until /v2/{project_id}/cloudvolumes/ID --service evs --is /volume/status=available
  cloudjob until /v2/{project_id}/cloudvolumes/ID --service evs --gone";

pub(super) const WHOAMI_EXAMPLES: &str = "Example: cloudjob whoami --cloud otc";

pub(super) const SIMULATE_EXAMPLES: &str = "\
Any POST, PUT or DELETE under /v*/{project_id}/ starts a job. A JSON member `simulate` shapes it:
  {\"simulate\": {\"seconds\": 4, \"sub_jobs\": 3, \"fail\": 1, \"job_type\": \"createServer\"}}

Example: cloudjob simulate --listen 127.0.0.1:8080";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  cloudjob completions bash > ~/.local/share/bash-completion/completions/cloudjob
  cloudjob completions zsh > ~/.zfunc/_cloudjob
  cloudjob completions fish > ~/.config/fish/completions/cloudjob.fish";

/// What `--help` has after the options: examples, the environment, and the exit codes of a subcommand or of all.
pub(super) fn long(examples: &str, command: &str) -> String {
    format!("{examples}\n\n{ENVIRONMENT}\n\nExit codes:\n{}", exit_codes(command))
}

/// The exit codes of a subcommand, one per line; of any other name those of all subcommands.
pub(crate) fn exit_codes(command: &str) -> String {
    let codes: &[&str] = match command {
        "demo" => &[DEMO, FAILED, USAGE, UNWRITTEN, INTERRUPTED, CLOSED],
        "show" => &[READ, USAGE, REJECTED, NO_RESPONSE, INTERRUPTED, CLOSED, READ_ORDER],
        "until" => &[REACHED, FAIL_VALUE, USAGE, DEADLINE, REJECTED, NO_RESPONSE, INTERRUPTED, CLOSED],
        "simulate" => &[PORT, UNWRITTEN, INTERRUPTED, CLOSED],
        "whoami" => &[VALID, USAGE, REJECTED, NO_RESPONSE, INTERRUPTED, CLOSED],
        "completions" | "man" => &[PRINTED, USAGE, UNWRITTEN, CLOSED],
        _ => &[SUCCEEDED, FAILED, USAGE, DEADLINE, REFUSED, NO_RESPONSE, INTERRUPTED, CLOSED, ORDER],
    };
    codes.join("\n")
}

const SUCCEEDED: &str = "  0    every job succeeded";
const DEMO: &str = "  0    the job succeeded";
const READ: &str = "  0    every job was read, whatever its status";
const REACHED: &str = "  0    the resource is as wanted";
const VALID: &str = "  0    the credentials work";
const PRINTED: &str = "  0    printed";
const FAILED: &str = "  1    a job failed";
const FAIL_VALUE: &str = "  1    a value of --fail was seen";
const USAGE: &str = "  2    invalid usage or configuration; nothing was sent";
const PORT: &str = "  2    invalid usage, or the address is taken";
const DEADLINE: &str = "  3    the deadline passed; what was waited for may still go on";
const REJECTED: &str = "  4    rejected by the service";
const REFUSED: &str = "  4    rejected by the service, or an id on standard input is invalid";
const NO_RESPONSE: &str = "  5    no usable response, or the result could not be written";
const UNWRITTEN: &str = "  5    the result could not be written";
const INTERRUPTED: &str = "  130  interrupted";
const CLOSED: &str = "  141  the reader of standard output went away";
const ORDER: &str = "With several jobs the first that applies counts, in the order 141, 130, 1, 4, 5, 3, 0.";
const READ_ORDER: &str = "With several jobs the first that applies counts, in the order 141, 130, 4, 5, 0.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subcommand_has_the_exit_codes_that_apply_to_it() {
        for (command, expected) in [
            ("cloudjob", "0 1 2 3 4 5 130 141"),
            ("wait", "0 1 2 3 4 5 130 141"),
            ("until", "0 1 2 3 4 5 130 141"),
            ("show", "0 2 4 5 130 141"),
            ("whoami", "0 2 4 5 130 141"),
            ("demo", "0 1 2 5 130 141"),
            ("simulate", "2 5 130 141"),
            ("completions", "0 2 5 141"),
            ("man", "0 2 5 141"),
        ] {
            let text = exit_codes(command);
            let codes = text.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
            assert_eq!(codes.collect::<Vec<_>>().join(" "), expected, "{command}");
        }
        assert!(!long("", "until").contains("job"), "{}", long("", "until").replace(ENVIRONMENT, ""));
    }
}

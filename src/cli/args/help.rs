//! Longer texts of `--help` and of the manual pages.

/// The heading of the options that choose the endpoint and the credentials.
pub(super) const CONNECTION: &str = "Endpoint and credentials";

/// The variables and files that are read.
pub(crate) const ENVIRONMENT: &str = environment!();

/// The exit codes.
pub(crate) const EXIT_CODES: &str = exit_codes!();

pub(super) const TOP_EXAMPLES: &str = top_examples!();

pub(super) const TOP_LONG: &str = concat!(top_examples!(), "\n\n", environment!(), "\n\n", exit_codes!());

pub(super) const SHOW_EXAMPLES: &str = show_examples!();

pub(super) const SHOW_LONG: &str = concat!(show_examples!(), "\n\n", environment!(), "\n\n", exit_codes!());

pub(super) const WAIT_EXAMPLES: &str = wait_examples!();

pub(super) const WAIT_LONG: &str = concat!(
    wait_examples!(),
    "

A duration is a number with a unit: 90s, 30m, 1h30m.

",
    environment!(),
    "

",
    exit_codes!()
);

pub(super) const UNTIL_EXAMPLES: &str = until_examples!();

pub(super) const UNTIL_LONG: &str = concat!(until_examples!(), "\n\n", environment!(), "\n\n", exit_codes!());

pub(super) const WHOAMI_LONG: &str =
    concat!("Example: cloudjob whoami --cloud otc\n\n", environment!(), "\n\n", exit_codes!());

pub(super) const SIMULATE_EXAMPLES: &str = "\
Any POST, PUT or DELETE under /v*/{project_id}/ starts a job. A JSON member `simulate` shapes it:
  {\"simulate\": {\"seconds\": 4, \"sub_jobs\": 3, \"fail\": 1, \"job_type\": \"createServer\"}}

Example: cloudjob simulate --listen 127.0.0.1:8080";

pub(super) const COMPLETIONS_EXAMPLES: &str = "\
Examples:
  cloudjob completions bash > ~/.local/share/bash-completion/completions/cloudjob
  cloudjob completions zsh > ~/.zfunc/_cloudjob
  cloudjob completions fish > ~/.config/fish/completions/cloudjob.fish";

macro_rules! top_examples {
    () => {
        "\
Options may also stand before the subcommand. `cloudjob help COMMAND` lists those of a subcommand.

Examples:
  cloudjob demo
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  create-servers | cloudjob wait - --output json"
    };
}
use top_examples;

macro_rules! show_examples {
    () => {
        "Example: cloudjob show ff8080829585af7f0195c1e776d9475c --output json"
    };
}
use show_examples;

macro_rules! wait_examples {
    () => {
        "\
Examples:
  cloudjob wait ff8080829585af7f0195c1e776d9475c --timeout 20m
  cloudjob wait @response.json --output ids
  cloudjob wait ff8080829585af7f0195c1e776d9475c evs:ff8080829585af7f0195c1e776d9475d
  create-servers | cloudjob wait - --fail-fast"
    };
}
use wait_examples;

macro_rules! until_examples {
    () => {
        "\
Examples:
  cloudjob until /v1/{project_id}/cloudservers/ID --is /server/status=ACTIVE --fail /server/status=ERROR
  cloudjob until /v2/{project_id}/cloudvolumes/ID --service evs --is /volume/status=available
  cloudjob until /v2/{project_id}/cloudvolumes/ID --service evs --gone"
    };
}
use until_examples;

macro_rules! environment {
    () => {
        "\
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
Files: clouds.yaml, ~/.huaweicloud/credentials"
    };
}
use environment;

macro_rules! exit_codes {
    () => {
        "\
Exit codes:
  0    every job succeeded
  1    a job failed
  2    invalid usage or configuration; nothing was sent
  3    the deadline passed; a job may still be running
  4    rejected by the service, or an id on standard input is invalid
  5    no usable response, or the result could not be written
  130  interrupted
  141  the reader of standard output went away
With several jobs the first that applies counts, in the order 141, 130, 1, 4, 5, 3, 0."
    };
}
use exit_codes;

//! The gateway of the job service: an nginx that asks Keystone about every token before it lets a poll through.

use cloudjob::simulator::Simulator;
use cloudjob::{Client, Credentials, Endpoint, Login};

use super::{Front, Keystone, Nginx, servers, unlimited};

/// Jobs for whose polls Keystone's own tokens are good, and only as long as Keystone says so.
pub(crate) struct Gateway {
    pub(crate) jobs: Simulator,
    pub(crate) nginx: Nginx,
}

impl Gateway {
    /// In front of the jobs of the usual project.
    pub(crate) fn start(keystone: Keystone) -> Self {
        Self::of_project(keystone, &servers().ids.project_id, None, None)
    }

    pub(crate) fn of_project(
        keystone: Keystone,
        project_id: &str,
        certificate: Option<&str>,
        port: Option<u16>,
    ) -> Self {
        let jobs = Simulator::builder().project_id(project_id).start().unwrap();
        let token = jobs.token();
        let location =
            format!("auth_request /check; error_page 401 = @refused; proxy_set_header X-Auth-Token {token};");
        let keystone = keystone.port();
        let server = format!(
            r#"location = /check {{
              internal;
              proxy_pass http://127.0.0.1:{keystone}/for/gateway/v3/auth/tokens?nocatalog=1;
              proxy_method GET; proxy_pass_request_body off; proxy_set_header Content-Length "";
              proxy_set_header X-Auth-Token $http_x_auth_token; proxy_set_header X-Subject-Token $http_x_auth_token;
              # So it answers where a token ends while it is checked.
              proxy_intercept_errors on; error_page 403 404 = @unknown;
            }}
            location @unknown {{ return 401; }}
            location @refused {{
              default_type application/json;
              return 401 '{{"error_msg":"The token must be updated","error_code":"APIGW.0307","request_id":"r1"}}';
            }}"#
        );
        let front = Front {
            certificate,
            port,
            server: &server,
            location: &location,
            ..Front::plain(jobs.endpoint_url())
        };
        let nginx = front.start();
        Self { jobs, nginx }
    }

    pub(crate) fn endpoint(&self) -> Endpoint {
        Endpoint::new(&self.nginx.url(), self.jobs.project_id()).unwrap()
    }

    pub(crate) fn client(&self, login: Login) -> Client {
        Client::with_config(self.endpoint(), Credentials::login(login).unwrap(), unlimited()).unwrap()
    }

    /// The token of the last poll.
    pub(crate) fn last_token(&self) -> String {
        self.nginx.served().last().expect("no poll came").token.clone()
    }
}

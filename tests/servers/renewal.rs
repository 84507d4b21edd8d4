//! Tokens that end in the middle of a wait.

use std::collections::HashSet;
use std::thread;

use cloudjob::simulator::JobScript;
use cloudjob::{Login, Status};

use crate::peers::{Gateway, Keystone, every, millis, seconds, servers};

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_token_of_three_seconds_is_renewed_through_a_wait_of_ten() {
    let keystone = Keystone::short();
    let gateway = Gateway::start(keystone);
    let id = gateway.jobs.start_job(JobScript::new("createServer").duration(seconds(10)));
    let outcome = gateway
        .client(keystone.login("short-token"))
        .wait(&id)
        .timeout(seconds(40))
        .backoff(every(millis(300)))
        .outcome();
    assert_eq!(outcome.result().unwrap().status(), &Status::Success);
    let logins = keystone.logins("short-token");
    let served = gateway.nginx.served();
    let refused = served.iter().filter(|polled| polled.status == 401).count();
    let tokens: HashSet<_> = served.iter().map(|polled| &polled.token).collect();
    println!(
        "a wait of {:.1?} with tokens of 3 s: {} logins, {} polls, {refused} of them refused",
        outcome.waited(),
        logins.len(),
        outcome.polls()
    );
    assert!(logins.iter().all(|status| *status == 201), "{logins:?}");
    // Keystone counts whole seconds, so that a token can be up to a second short of its three.
    assert!((3..=7).contains(&logins.len()), "{logins:?}");
    assert_eq!(tokens.len(), logins.len(), "each token is used");
    assert!(refused < logins.len(), "more refusals than tokens");
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn many_threads_share_each_renewal() {
    let keystone = Keystone::short();
    let gateway = Gateway::start(keystone);
    let client = gateway.client(keystone.login("shared-renewal"));
    thread::scope(|scope| {
        for _ in 0..3 {
            let id = gateway.jobs.start_job(JobScript::new("createServer").duration(seconds(6)));
            let client = &client;
            scope.spawn(move || {
                client.wait(&id).timeout(seconds(40)).backoff(every(millis(700))).run().unwrap()
            });
        }
    });
    let logins = keystone.logins("shared-renewal");
    println!("three waits of 6 s in three threads with tokens of 3 s: {} logins", logins.len());
    assert!(logins.iter().all(|status| *status == 201), "{logins:?}");
    assert!((2..=6).contains(&logins.len()), "{logins:?}");
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_token_that_is_revoked_in_the_middle_of_a_wait_is_replaced_by_one_login() {
    let keystone = Keystone::long();
    let gateway = Gateway::start(keystone);
    let id = gateway.jobs.start_job(JobScript::new("createServer").duration(seconds(4)));
    let client = gateway.client(keystone.login("revoked-token"));
    let outcome = thread::scope(|scope| {
        let wait =
            scope.spawn(|| client.wait(&id).timeout(seconds(30)).backoff(every(millis(300))).outcome());
        thread::sleep(seconds(2));
        keystone.revoke(&gateway.last_token());
        wait.join().unwrap()
    });
    assert_eq!(outcome.result().unwrap().status(), &Status::Success);
    assert_eq!(keystone.logins("revoked-token"), [201, 201]);
    let served = gateway.nginx.served();
    assert_eq!(served.iter().filter(|polled| polled.status == 401).count(), 1, "one poll finds out, no more");
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_token_that_is_revoked_and_cannot_be_renewed_ends_the_wait_at_once() {
    let ids = &servers().ids;
    let keystone = Keystone::long();
    let gateway = Gateway::start(keystone);
    let id = gateway.jobs.start_job(JobScript::new("createServer").never_ends());
    let login = Login::new(keystone.url("revoked-first")).token(keystone.token(&ids.project_id));
    let client = gateway.client(login);
    let error = thread::scope(|scope| {
        let wait = scope.spawn(|| client.wait(&id).timeout(seconds(30)).backoff(every(millis(300))).run());
        thread::sleep(seconds(1));
        keystone.revoke(&gateway.last_token());
        wait.join().unwrap().unwrap_err()
    });
    assert!(error.is_unauthorized(), "{error}");
    assert!(error.elapsed() < seconds(5), "{:?}", error.elapsed());
    assert_eq!(keystone.logins("revoked-first"), [201]);
}

#[test]
#[ignore = "needs the servers: tests/servers/run.sh"]
fn a_one_time_code_is_sent_once() {
    let ids = &servers().ids;
    let keystone = Keystone::short();
    let gateway = Gateway::start(keystone);
    let id = gateway.jobs.start_job(JobScript::new("createServer").never_ends());
    let login = Login::new(keystone.url("used-code"))
        .user_id(&ids.coded_user_id)
        .password(&ids.password)
        .totp_passcode(servers().totp_passcode());
    let wait = gateway.client(login);
    let error = wait.wait(&id).timeout(seconds(8)).backoff(every(millis(300))).run().unwrap_err();
    println!("after the token of a one-time code: {error}");
    assert_eq!(keystone.logins("used-code"), [201], "a code is good for one login");
    assert!(error.is_unauthorized(), "{error}");
    // It serves to its end all the same.
    assert!((seconds(1)..seconds(6)).contains(&error.elapsed()), "{:?}", error.elapsed());
}

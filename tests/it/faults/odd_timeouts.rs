//! Timeouts of no whole seconds, and longer ones: the kernel's timer for reads is coarser the longer its timeout is.

use std::thread;
use std::time::{Duration, Instant};

use cloudjob::ErrorKind;

use super::peer::{Peer, hang};
use super::{Scene, id};

#[test]
fn short_odd_timeouts_are_kept() {
    overruns(&[0.33, 0.51, 0.77, 0.9, 1.03, 1.21, 1.3, 1.7, 1.97, 2.3, 2.66, 3.01, 3.3, 3.7, 4.1]);
}

#[test]
#[ignore = "takes 32 seconds"]
fn long_odd_timeouts_are_kept() {
    overruns(&[5.1, 6.7, 8.3, 9.9, 11.4, 13.3, 15.7, 16.3, 17.9, 18.3, 21.1, 24.7, 27.3, 29.9, 31.3]);
}

/// A poll and a wait with each of these timeouts, all at once, of a service that accepts and then hangs.
fn overruns(timeouts: &[f64]) {
    let peer = Peer::start(|line, _| {
        line.request();
        hang();
        hang();
    });
    let mut measured: Vec<(Duration, String)> = thread::scope(|scope| {
        let each = |timeout: &f64| {
            let timeout = Duration::from_secs_f64(*timeout);
            let client = Scene::at(&peer.url()).client(timeout);
            let again = client.clone();
            let poll = scope.spawn(move || {
                let begun = Instant::now();
                let error = client.job(&id()).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::NoAnswer);
                (begun.elapsed().saturating_sub(timeout), format!("job() with {timeout:?}"))
            });
            let wait = scope.spawn(move || {
                let begun = Instant::now();
                let error = again.wait(&id()).timeout(timeout).run().unwrap_err();
                assert!(matches!(error.kind(), ErrorKind::NoAnswer | ErrorKind::TimedOut), "{error}");
                (begun.elapsed().saturating_sub(timeout), format!("a wait with {timeout:?}"))
            });
            [poll, wait]
        };
        let running: Vec<_> = timeouts.iter().flat_map(each).collect();
        running.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    measured.sort();
    for (overrun, what) in &measured {
        eprintln!("{:>4} ms over: {what}", overrun.as_millis());
    }
    let (worst, what) = measured.last().unwrap();
    assert!(*worst < Duration::from_secs(1), "{what}: {worst:?} over");
}

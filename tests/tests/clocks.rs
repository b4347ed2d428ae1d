//! A machine whose clock is wrong.
#![allow(clippy::unwrap_used, missing_docs)]

use upseed_tests::{Clock, Person, namespace, until};

const OTHERS: [&str; 3] = ["10.77.0.11", "10.77.0.12", "10.77.0.13"];

#[test]
fn a_clock_that_is_not_that_of_others_is_told() {
    let addresses = ["10.77.0.1", "10.77.0.11", "10.77.0.12", "10.77.0.13"];
    if !namespace::enter("a_clock_that_is_not_that_of_others_is_told", &addresses) {
        return;
    }
    let others = OTHERS.map(|ip| Person::named("Ann").swarm_listen(&format!("{ip}:0")).start());
    let scratch = tempfile::tempdir().unwrap();
    let clock = Clock::new(scratch.path());
    clock.set_back();
    let setup = Person::named("Bob").swarm_listen("10.77.0.1:0").peer(&others[0]).peer(&others[1]);
    let mut bob = clock.shown_to(setup).start();
    until("he met two", || (bob.status()["peers"] == 2).then_some(()));
    assert!(bob.status()["clock"].is_null(), "two are no measure");

    bob.stop();
    bob.change(|setup| setup.peer(&others[2]));
    bob.restart();
    let error = until("his clock is told", || {
        Some(bob.status()["clock"].clone()).filter(|clock| clock.is_object())
    });
    assert_eq!((&error["is_ahead"], &error["peers"]), (&false.into(), &3.into()), "{error}");
    let message = error["message"].as_str().unwrap();
    // Peers tell minutes.
    assert!(error["seconds"].as_u64().unwrap().abs_diff(3_600) <= 60, "{error}");
    assert!(message.contains(" min behind 3 peers: "), "{error}");
    assert!(bob.run(&["status"]).ok().text().contains(message));
    for page in ["/upseed/me", "/upseed/write"] {
        assert!(bob.page(page).contains(" min behind 3 peers: "), "{page}");
    }

    // It works all the same.
    let post = bob.run_with(&["post", "--board", "upseed", "--title", "Late"], b"Text.\n").ok();
    assert!(post.stderr.contains("warning: This machine's clock is "), "{post:?}");
    let id = post.text().lines().next().unwrap().to_owned();
    for other in &others {
        until("others have it", || other.listed(&id));
        assert!(other.status()["clock"].is_null(), "one wrong clock is no measure");
    }
}

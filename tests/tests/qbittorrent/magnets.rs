//! Magnet links that are added in the client by hand.

use upseed_tests::{Generation, Person, namespace, until};

use crate::{NETWORK, with_client};

#[test]
fn a_magnet_added_by_hand_is_hosted_without_a_vote() {
    let test = "magnets::a_magnet_added_by_hand_is_hosted_without_a_vote";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    for generation in Generation::ALL {
        let (bob, bobs) = with_client("Bob", generation, "10.77.0.12", Some(&ann));
        for (title, named) in [("Named by its file", None), ("Named by a title", Some("A+title"))] {
            let title = format!("{title} {generation:?}");
            let id = ann.post("upseed", &title, "From a link.\n");
            let magnet = ann.listed(&id).unwrap()["magnet"].as_str().unwrap().to_owned();
            let plain =
                magnet.split('&').filter(|part| !part.starts_with("dn=") || named.is_none());
            let mut magnet = plain.collect::<Vec<_>>().join("&");
            if let Some(name) = named {
                magnet += &format!("&dn={name}");
            }
            magnet += &format!("&x.pe={}", ann.swarm_addr());
            bobs.post("torrents/add", &[("urls", &magnet)]);
            until("it is a guest", || {
                let item = bob.listed(&id)?;
                (item["hosting"] == "guest" && item["upvoted"] == false).then_some(())
            });
            until("and seeds", || bobs.seeds(&id).then_some(()));
        }
    }
    // Of an item that Bob's node does not know.
    let (bob, bobs) = with_client("Bob", Generation::Here, "10.77.0.12", None);
    let id = ann.post("upseed", "Unknown to Bob", "From a link.\n");
    let magnet = format!("magnet:?xt=urn:btih:{id}&dn=whatever&x.pe={}", ann.swarm_addr());
    bobs.post("torrents/add", &[("urls", &magnet)]);
    until("it seeds", || bobs.seeds(&id).then_some(()));
    until("it is a guest", || (bob.listed(&id)?["hosting"] == "guest").then_some(()));
}

#[test]
fn a_file_in_a_folder_of_its_users_own_stays_when_the_vote_is_taken_back() {
    let test = "magnets::a_file_in_a_folder_of_its_users_own_stays_when_the_vote_is_taken_back";
    if !namespace::enter(test, NETWORK) {
        return;
    }
    let ann = Person::named("Ann").swarm_listen("10.77.0.11:0").start();
    for generation in Generation::ALL {
        let (bob, bobs) = with_client("Bob", generation, "10.77.0.12", Some(&ann));
        let id = ann.post("upseed", &format!("Mine first {generation:?}"), "Kept.\n");
        let magnet = ann.listed(&id).unwrap()["magnet"].as_str().unwrap().to_owned();
        let magnet = format!("{magnet}&x.pe={}", ann.swarm_addr());
        let own = bobs.save_path().join("my own");
        let path = own.to_str().unwrap();
        let form = [("urls", &*magnet), ("savepath", path), ("ratioLimit", "5")];
        bobs.post("torrents/add", &form);
        until("it is a guest", || (bob.listed(&id)?["hosting"] == "guest").then_some(()));
        until("and seeds", || bobs.seeds(&id).then_some(()));
        let limit = |id: &str| bobs.torrent(id).unwrap()["ratio_limit"].as_f64();
        assert_eq!(limit(&id), Some(5.0));
        bob.run(&["upvote", "--wait", &id]).ok();
        assert_eq!(limit(&id), Some(-1.0), "a vote has no limit after which it stops");
        let file = own.join(bobs.torrent(&id).unwrap()["name"].as_str().unwrap());
        assert!(file.exists());
        bob.run(&["unvote", &id]).ok();
        until("it is hosted no more", || bobs.torrent(&id).is_none().then_some(()));
        assert!(file.exists(), "what was there before the vote is its user's");
    }
}

//! Two people at home, behind routers that let nobody in, and one whom both can reach. The routers are Linux's own
//! (nftables, masquerade): a socket keeps its port towards everybody as long as nobody else has it, and only who was dialled
//! is let in.
#![allow(clippy::unwrap_used, missing_docs)]

use serde_json::json;
use upseed_tests::{Home, Person, home::Mapping, namespace, until};

/// Cyd, whom everybody can reach, and Ann and Bob behind routers. Each listens on a private address.
fn people(mapping: Mapping) -> ([Home; 3], Person, Person, Person) {
    let homes = [
        Home::behind_router("192.0.2", mapping),
        Home::behind_router("198.51.100", mapping),
        Home::without_router("203.0.113"),
    ];
    let setup = |name, home: &Home| {
        Person::named(name).inside(home).swarm_listen(&format!("{}:0", home.address()))
    };
    let cyd = setup("Cyd", &homes[2]).start();
    let [ann, bob] = [("Ann", &homes[0]), ("Bob", &homes[1])]
        .map(|(name, home)| setup(name, home).peer(&cyd).start());
    (homes, ann, bob, cyd)
}

fn reads(person: &Person, what: &str, id: &str, text: &str) {
    until(what, || person.listed(id).filter(|item| item["text"] == text));
}

#[test]
fn two_behind_routers_go_on_without_who_brought_them_together() {
    let test = "two_behind_routers_go_on_without_who_brought_them_together";
    if !namespace::enter(test, &[]) {
        return;
    }
    let (_homes, ann, bob, mut cyd) = people(Mapping::Same);
    let id = ann.post("upseed", "From home", "Nobody can reach me.\n");
    reads(&bob, "Bob reads Ann's post", &id, "Nobody can reach me.\n");
    for person in [&ann, &bob] {
        until("they are connected to each other", || {
            (person.status()["punched"] == 1).then_some(())
        });
        let status = person.status();
        assert_eq!(
            (&status["reachable"], &status["was_reached"]),
            (&json!("punched"), &json!(false))
        );
        let told = person.run(&["status"]).ok();
        assert!(told.text().contains("hole punching"), "{told:?}");
    }
    until("Cyd knows that others come", || (cyd.status()["reachable"] == "direct").then_some(()));
    cyd.stop();
    let id = bob.post("upseed", "Still here", "Without Cyd.\n");
    reads(&ann, "Ann reads what Bob posts then", &id, "Without Cyd.\n");
    let answer = ann.comment(&id, "Me too.\n");
    until("and Bob what she answers", || {
        let thread = bob.json(&["thread", &id, "--timeout", "0"]);
        (thread["replies"][0]["id"] == answer.as_str()).then_some(())
    });
}

/// Where no hole can be punched, everything goes through Cyd.
#[test]
fn a_text_comes_through_who_can_be_reached_by_both() {
    if !namespace::enter("a_text_comes_through_who_can_be_reached_by_both", &[]) {
        return;
    }
    let (_homes, ann, bob, _cyd) = people(Mapping::Other);
    let id = ann.post("upseed", "From a worse home", "My router hides me well.\n");
    reads(&bob, "Bob reads Ann's post", &id, "My router hides me well.\n");
    assert_eq!(bob.listed(&id).unwrap()["seeds"], json!(null), "Cyd does not count as a host");
    for person in [&ann, &bob] {
        assert_eq!(person.status()["reachable"], "unseen");
    }
}

//! `upseed run`.

use std::io::IsTerminal as _;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use upseed_http::ServerConfig;
use upseed_model::BoardName;
use upseed_node::{Config, Folder, Node, NodeEvent, SwarmConfig};

use std::sync::Arc;
use upseed_transmission::watch::{Watch, WatchSettings};

use crate::{
    args::{ClientKind, RunArgs},
    clients::Kept,
    desktop,
    failure::{Done, Failure},
    print,
    process::{interrupted, log},
    progress, tab,
};

/// Runs a node until Ctrl-C or SIGTERM.
pub(crate) async fn run(folder: Folder, args: RunArgs) -> Done {
    log("warn");
    allow_open_files();
    if args.swarm_listen.is_none() && args.no_dht && args.peers.is_empty() && args.no_lsd {
        print::err("note: without DHT, peers and local discovery nobody can be met");
    }
    for node in &args.bootstrap {
        if !is_host_and_port(node) {
            return Err(Failure::user(format!("--bootstrap {node}: not a host and a port"))
                .hint("Expected HOST:PORT, such as 192.0.2.7:6881."));
        }
    }
    let (mut peers, mut peer_names) = (Vec::new(), Vec::new());
    for peer in &args.peers {
        if !is_host_and_port(peer) {
            return Err(Failure::user(format!("--peer {peer}: not a host and a port"))
                .hint("Expected HOST:PORT, such as 192.0.2.7:6881."));
        }
        match peer.parse() {
            Ok(addr) => peers.push(addr),
            Err(_) => peer_names.push(peer.clone()),
        }
    }
    // From here on, so that a node that is told to end while it starts ends well too.
    let interrupted = interrupted();
    let kept = Kept::read(&folder)?;
    let kind = args.client.or(kept.as_ref().map(|kept| kept.client));
    let client = match (kind, &kept) {
        (None | Some(ClientKind::Embedded), _) => None,
        (Some(kind), Some(kept)) if kept.client == kind => kept.open(&folder)?,
        (Some(kind), _) => {
            let name = kind.name();
            return Err(Failure::user(format!("{name} is not connected"))
                .hint(format!("Connect it first: upseed connect {name} --url URL")));
        }
    };
    let config = Config {
        data: folder.path().to_owned(),
        swarm: SwarmConfig {
            listen: args.swarm_listen,
            dht: !args.no_dht,
            lsd: !args.no_lsd,
            bootstrap: args.bootstrap,
            peers,
            peer_names,
        },
        first_boards: vec![BoardName::upseed()],
    };
    let connected = kept.filter(|_| client.is_some());
    let (client, qbittorrent) = match client {
        Some(opened) => (Some(opened.client), opened.qbittorrent),
        None => (None, None),
    };
    let tab = match &connected {
        Some(_) => Some(tab::bind(qbittorrent, args.proxy_listen).await?),
        None => None,
    };
    let listening = ServerConfig { listen: args.listen, hosts: args.hosts, proxies: args.proxies };
    let front = listening.clone();
    let server = upseed_http::start(listening, config, client).await?;
    let node = server.node();
    let status = node.status().await?;
    print::out(&format!("Upseed runs on {} with {}.", folder.path().display(), status.client));
    // Who reads a journal later must not find a key to the view in it.
    if !args.no_open && desktop::is_here() && desktop::open(&server.one_time_link()?) {
        print::out("Look: it opens in your browser; `upseed open` prints a link for another one");
    } else if std::io::stdout().is_terminal() {
        print::out(&format!("Look: {}", server.one_time_link()?));
        print::out("      (the link is good for one browser; `upseed open` prints another)");
    } else {
        print::out("Look: `upseed open` prints a link");
    }
    let folders = match args.watch {
        Some(folder) => Some(WatchSettings {
            folder,
            ordinary_to: args.pass_to.clone(),
            items_to: args.pass_to,
            poll: false,
        }),
        // Where ordinary torrents go on to by themselves is what the client said when it was
        // connected.
        None => connected
            .as_ref()
            .and_then(|kept| WatchSettings::of(&kept.transmission(""), kept.own_watch.clone())),
    };
    let watching = folders.map(|folders| watch(folders, node)).transpose()?;
    let serving = match (tab, connected) {
        (Some(tab), Some(kept)) => Some(tab::serve(tab, &kept, &server, front)?),
        _ => None,
    };
    print::out(&format!("Swarm port: {}   Stop: Ctrl-C", status.swarm_port));
    let shown = tokio::spawn(show_progress(node.clone()));
    tokio::select! {
        () = interrupted => {}
        () = node.stopped() => {}
    }
    shown.abort();
    drop(watching);
    if let Some(serving) = serving {
        serving.abort();
    }
    server.stop().await;
    Ok(())
}

/// Each connection takes a file descriptor, and many systems begin with 1,024 of them though they allow
/// far more to who asks.
fn allow_open_files() {
    let limit = getrlimit(Resource::Nofile);
    let more = Rlimit { current: limit.maximum, ..limit };
    if let Err(error) = setrlimit(Resource::Nofile, more) {
        print::err(&format!("note: no more than {:?} open files: {error}", limit.current));
    }
}

/// Watches the folder whose files are upvotes.
fn watch(folders: WatchSettings, node: &Node) -> Result<Watch, Failure> {
    print::out(&format!("Upvotes are dropped into {}", folders.folder.display()));
    let watching = Watch::start(folders, Arc::new(node.clone()));
    watching.map_err(|error| Failure::user(error.to_string()))
}

/// The first comparison of a board, as a bar.
async fn show_progress(node: Node) {
    if !std::io::stderr().is_terminal() {
        return;
    }
    let mut events = node.events();
    let mut bar: Option<indicatif::ProgressBar> = None;
    while let Ok(event) = events.recv().await {
        if let NodeEvent::Sync { done, total, .. } = event {
            if done < total {
                let bar = bar.get_or_insert_with(|| progress::bar(0, "comparing days"));
                bar.set_length(total as u64);
                bar.set_position(done as u64);
            } else if let Some(bar) = bar.take() {
                bar.finish_and_clear();
            }
        }
    }
}

fn is_host_and_port(text: &str) -> bool {
    let odd = |c: char| c.is_control() || c.is_whitespace() || c == ',';
    text.rsplit_once(':').is_some_and(|(host, port)| {
        !host.is_empty() && !host.contains(odd) && port.parse::<u16>().is_ok_and(|port| port != 0)
    })
}

//! `upseed label`, `upseed labels`, `upseed hide`, `upseed retract` and `upseed retracted`.

use upseed_api::{
    HideRequest, Item, KeepRequest, LabelRequest, LabelTarget, LogQuery, Moderator, PreviewCounts,
    RetractRequest, RetractionDefault, SubscribeRequest, Subscription,
};
use upseed_model::{
    Infohash, PublicKey,
    moderation::{KeepRetracted, LabelAction, LabelActions, LabelValue},
};
use upseed_node::now;

use crate::{
    failure::{Done, Failure},
    label_args::{LabelsCommand, SubscribeArgs},
    people::Names,
    print::{self, age, plural, safe, short_id},
    remote::Remote,
    terminal::{BOLD, CODE, paint},
};

pub(super) async fn label(node: &Remote, request: LabelRequest, json: bool) -> Done {
    let said = node.label(&request).await?;
    if json {
        print::json(&said);
        return Ok(());
    }
    let what = if request.remove { "Label taken back" } else { "Labelled" };
    let names = Names::of(node, person(&said.target)).await?;
    print::out(&format!("{what}: {} {}", safe(&said.value), named(&said.target, &names)));
    Ok(())
}

pub(super) async fn labels(node: &Remote, command: LabelsCommand, json: bool) -> Done {
    match command {
        LabelsCommand::Subscribe(args) => subscribe(node, args, json).await,
        LabelsCommand::Unsubscribe { key } => {
            subscriptions(node, &node.unsubscribe(key).await?, json).await
        }
        LabelsCommand::List => subscriptions(node, &node.subscriptions().await?, json).await,
        LabelsCommand::Moderators { board } => {
            moderators(node, &node.moderators(board).await?, json).await
        }
        LabelsCommand::Log { key, limit } => log(node, key, limit, json).await,
        LabelsCommand::Undo { entry } => {
            let exceptions = node.undo_label(entry).await?;
            if json {
                print::json(&exceptions);
            } else if let Some(newest) = exceptions.first() {
                let names = Names::of(node, person(&newest.target)).await?;
                let target = named(&newest.target, &names);
                print::out(&format!("Shown whatever its labels say: {target}"));
            }
            Ok(())
        }
    }
}

async fn subscribe(node: &Remote, args: SubscribeArgs, json: bool) -> Done {
    let SubscribeArgs { key: labeller, hide, fold, mark, ignore, other, preview } = args;
    let lists = [
        (LabelAction::Hide, hide),
        (LabelAction::Fold, fold),
        (LabelAction::Mark, mark),
        (LabelAction::Ignore, ignore),
    ];
    let mut actions = LabelActions { other, ..LabelActions::default() };
    for (action, values) in lists {
        for value in values {
            if let Some(before) = actions.values.insert(value.clone(), action)
                && before != action
            {
                let twice = format!("{value:?}: {before} and {action} were both asked for");
                return Err(Failure::user(twice).hint("Name each label once."));
            }
        }
    }
    let request = SubscribeRequest { labeller, actions };
    if !preview {
        return subscriptions(node, &node.subscribe(&request).await?, json).await;
    }
    let told = node.preview(&request).await?;
    if json {
        print::json(&told);
        return Ok(());
    }
    for (would, counts) in [("hide", told.hide), ("fold", told.fold), ("mark", told.mark)] {
        if counts.posts > 0 {
            print::out(&format!("would {would} {}", counted(&counts)));
        }
    }
    if told.hide.posts + told.fold.posts + told.mark.posts == 0 {
        print::out("would change none of this week's posts");
    }
    print::out(&format!("{} of this person are known here", plural(told.labels, "label")));
    Ok(())
}

/// "214 posts of this week, 3 by people you follow, 1 that you host".
fn counted(counts: &PreviewCounts) -> String {
    let mut text = format!("{} of this week", plural(counts.posts, "post"));
    if counts.followed > 0 {
        text += &format!(", {} by people you follow", counts.followed);
    }
    if counts.hosted > 0 {
        text += &format!(", {} that you host", counts.hosted);
    }
    if counts.hidden > 0 {
        text += &format!(" ({} hidden already)", counts.hidden);
    }
    text
}

async fn subscriptions(node: &Remote, all: &[Subscription], json: bool) -> Done {
    if json {
        print::json(&all);
        return Ok(());
    }
    let names = Names::of(node, all.iter().map(|one| one.labeller)).await?;
    for one in all {
        let by_value = one.actions.values.iter();
        let by_value: Vec<String> =
            by_value.map(|(value, action)| format!("{action} {}", safe(value.as_str()))).collect();
        let acting = plural(one.acting, "label");
        let (by, since) = (paint(BOLD, &names.by(&one.labeller)), age(one.since, now()));
        print::out(&format!("{by}  {acting} at work, since {since}"));
        let named = by_value.into_iter().chain([format!("{} all others", one.actions.other)]);
        print::out(&format!("    {}", named.collect::<Vec<_>>().join(", ")));
    }
    Ok(())
}

async fn moderators(node: &Remote, found: &[Moderator], json: bool) -> Done {
    if json {
        print::json(&found);
        return Ok(());
    }
    let names = Names::of(node, found.iter().map(|one| one.key)).await?;
    if found.is_empty() {
        print::err("Nobody else labels there whom the people you follow trust.");
    }
    for one in found {
        let Moderator { key, through, follows, labels } = one;
        let follows = plural(u64::from(*follows), "follow");
        let labels = plural(*labels, "label");
        let who = paint(BOLD, &names.by(key));
        print::out(&format!("{who}  trusted through {through} of your {follows}, {labels}"));
        let preview = format!("upseed labels subscribe {key} --preview");
        print::out(&format!("    {}", paint(CODE, &preview)));
    }
    Ok(())
}

async fn log(node: &Remote, labeller: String, limit: u32, json: bool) -> Done {
    let entries = node.label_log(&LogQuery { labeller, before: None, limit: Some(limit) }).await?;
    if json {
        print::json(&entries);
        return Ok(());
    }
    let names = Names::of(node, entries.iter().filter_map(|entry| person(&entry.target))).await?;
    for entry in &entries {
        let reason = match entry.reason.as_str() {
            "" => String::new(),
            reason => format!(" ({})", safe(reason)),
        };
        let undone = if entry.undone { ", undone" } else { "" };
        print::out(&format!(
            "{:>6}  {}  {} {}{reason}: {}{undone}",
            entry.number,
            age(entry.at, now()),
            entry.action,
            safe(&entry.value),
            named(&entry.target, &names),
        ));
    }
    Ok(())
}

/// Whose name is needed to tell what a label is about.
fn person(target: &LabelTarget) -> Option<PublicKey> {
    match target {
        LabelTarget::Person { key } => Some(*key),
        LabelTarget::Item { .. } => None,
    }
}

fn named(target: &LabelTarget, names: &Names) -> String {
    match target {
        LabelTarget::Person { key } => names.by(key),
        LabelTarget::Item { id, work, title } => {
            let id = id.map_or_else(|| format!("{work} (not here)"), |id| short_id(&id));
            title.as_ref().map_or(id.clone(), |title| format!("{} {id}", safe(title)))
        }
    }
}

pub(super) async fn hide(node: &Remote, id: String, undo: bool, json: bool) -> Done {
    let hidden = node.hide(&HideRequest { id, hide: !undo }).await?;
    items(&hidden, json, "Nothing is hidden.");
    Ok(())
}

pub(super) async fn retract(node: &Remote, id: String, json: bool) -> Done {
    let item = node.retract(&RetractRequest { id }).await?;
    if json {
        print::json(&item);
    } else {
        print::out(&format!("Retracted: hosts are asked to stop hosting {}", short_id(&item.id)));
    }
    Ok(())
}

pub(super) async fn retracted(
    node: &Remote,
    decided: Option<(String, bool)>,
    default: Option<KeepRetracted>,
    json: bool,
) -> Done {
    if let Some((id, keep)) = decided {
        node.keep_retracted(&KeepRequest { id, keep }).await?;
    }
    if let Some(keep) = default {
        node.set_retraction_default(&RetractionDefault { keep }).await?;
    }
    items(&node.retracted().await?, json, "Nothing that you host was retracted and is undecided.");
    Ok(())
}

fn items(items: &[Item], json: bool, nothing: &str) {
    if json {
        return print::json(&items);
    }
    if items.is_empty() {
        print::err(nothing);
    }
    for item in items {
        print::whole(item, 0, now());
    }
}

/// The label to publish, as the arguments name it.
pub(super) fn request(
    target: String,
    value: LabelValue,
    reason: Option<String>,
    remove: bool,
) -> LabelRequest {
    LabelRequest { target, value, reason: reason.unwrap_or_default(), remove }
}

/// The items whose authors ask to stop hosting, said where the user looks for news.
pub(super) fn ask(items: &[Item]) {
    let ids: Vec<Infohash> = items.iter().map(|item| item.id).collect();
    if let [first, ..] = &ids[..] {
        let many = plural(ids.len() as u64, "item");
        print::err(&format!("The authors of {many} that you host ask to stop hosting them:"));
        print::err(&format!(
            "  see `upseed retracted`, then `upseed retracted --stop {}`",
            short_id(first)
        ));
    }
}

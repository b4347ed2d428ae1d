//! What the commands ask of a node: one method for each route that they use.

use upseed_api::{
    BoardPosts, BoardPostsQuery, BoardStatus, BundleQuery, CommentRequest, Exception, FeedToken,
    FollowRequest, FollowStarterRequest, HideRequest, Identity, Imported, Item, ItemQuery,
    JoinRequest, KeepRequest, Label, LabelRequest, LogEntry, LogQuery, Moderator, ModeratorsQuery,
    MuteRequest, NEXT_PART, OneTimeLink, PeopleRequest, Person, PostRequest, Preview, Profile,
    ProfileQuery, ProfileRequest, RemovalRequest, Removals, RestoreRequest, RetractRequest,
    RetractionDefault, SearchQuery, Share, ShareQuery, StarterList, StarterRequest, StartersQuery,
    Status, SubscribeRequest, Subscription, SucceedRequest, Thread, TopQuery, UndoRequest,
    UnsubscribeRequest, VoteOutcome, VoteRequest, Why, WithdrawStarterRequest,
};
use upseed_model::{BoardName, PublicKey};

use crate::{failure::Failure, remote::Remote};

type Answered<T> = Result<T, Failure>;

impl Remote {
    pub async fn status(&self) -> Answered<Status> {
        self.get("/status", &[(); 0]).await
    }

    pub async fn top(&self, query: &TopQuery) -> Answered<Vec<Item>> {
        self.get("/top", query).await
    }

    pub async fn search(&self, query: &SearchQuery) -> Answered<Vec<Item>> {
        self.get("/search", query).await
    }

    pub async fn inbox(&self) -> Answered<Vec<Item>> {
        self.get("/inbox", &[(); 0]).await
    }

    /// `timeout`: seconds for its header, and as many for its text.
    pub async fn item(&self, id: &str, timeout: u64) -> Answered<Item> {
        let query = ItemQuery { id: id.to_owned(), wait: timeout };
        self.patient(timeout).get("/item", &query).await
    }

    /// As [`Remote::item`].
    pub async fn thread(&self, id: &str, timeout: u64) -> Answered<Thread> {
        let query = ItemQuery { id: id.to_owned(), wait: timeout };
        self.patient(timeout).get("/thread", &query).await
    }

    pub async fn removals(&self) -> Answered<Removals> {
        self.get("/removals", &[(); 0]).await
    }

    pub async fn decide_removals(&self, request: &RemovalRequest) -> Answered<Removals> {
        self.post("/removals", request).await
    }

    pub async fn share(&self, query: &ShareQuery) -> Answered<Share> {
        self.get("/share", query).await
    }

    pub async fn why(&self, id: &str) -> Answered<Why> {
        self.get("/why", &ItemQuery { id: id.to_owned(), wait: 0 }).await
    }

    pub async fn publish(&self, post: &PostRequest) -> Answered<Item> {
        self.working().post("/posts", post).await
    }

    pub async fn comment(&self, comment: &CommentRequest) -> Answered<Item> {
        self.working().post("/comments", comment).await
    }

    pub async fn vote(&self, votes: &VoteRequest) -> Answered<Vec<VoteOutcome>> {
        self.patient(votes.wait).post("/votes", votes).await
    }

    pub async fn boards(&self) -> Answered<Vec<BoardStatus>> {
        self.get("/boards", &[(); 0]).await
    }

    pub async fn join(&self, request: &JoinRequest) -> Answered<Vec<BoardStatus>> {
        self.post("/boards", request).await
    }

    pub async fn leave(&self, board: &BoardName) -> Answered<Vec<BoardStatus>> {
        self.post(&format!("/boards/{board}/leave"), &()).await
    }

    pub async fn people(&self, who: &PeopleRequest) -> Answered<Vec<Person>> {
        self.post("/people", who).await
    }

    pub async fn profile(&self, whose: &ProfileQuery) -> Answered<Profile> {
        self.get("/profile", whose).await
    }

    pub async fn set_profile(&self, said: &ProfileRequest) -> Answered<Profile> {
        self.working().post("/profile", said).await
    }

    pub async fn follow(&self, request: &FollowRequest) -> Answered<Vec<PublicKey>> {
        self.working().post("/follows", request).await
    }

    pub async fn mute(&self, request: &MuteRequest) -> Answered<Vec<PublicKey>> {
        self.post("/mutes", request).await
    }

    pub async fn label(&self, request: &LabelRequest) -> Answered<Label> {
        self.working().post("/labels", request).await
    }

    pub async fn moderators(&self, board: BoardName) -> Answered<Vec<Moderator>> {
        self.get("/moderators", &ModeratorsQuery { board }).await
    }

    pub async fn subscriptions(&self) -> Answered<Vec<Subscription>> {
        self.get("/subscriptions", &[(); 0]).await
    }

    pub async fn subscribe(&self, request: &SubscribeRequest) -> Answered<Vec<Subscription>> {
        self.working().post("/subscriptions", request).await
    }

    pub async fn preview(&self, request: &SubscribeRequest) -> Answered<Preview> {
        self.post("/subscriptions/preview", request).await
    }

    pub async fn unsubscribe(&self, labeller: String) -> Answered<Vec<Subscription>> {
        self.working().post("/subscriptions/end", &UnsubscribeRequest { labeller }).await
    }

    pub async fn label_log(&self, query: &LogQuery) -> Answered<Vec<LogEntry>> {
        self.get("/subscriptions/log", query).await
    }

    pub async fn undo_label(&self, entry: u64) -> Answered<Vec<Exception>> {
        self.post("/subscriptions/undo", &UndoRequest { entry }).await
    }

    pub async fn hide(&self, request: &HideRequest) -> Answered<Vec<Item>> {
        self.post("/hidden", request).await
    }

    pub async fn retract(&self, request: &RetractRequest) -> Answered<Item> {
        self.working().post("/retractions", request).await
    }

    pub async fn retracted(&self) -> Answered<Vec<Item>> {
        self.get("/retractions", &[(); 0]).await
    }

    pub async fn keep_retracted(&self, request: &KeepRequest) -> Answered<Item> {
        self.post("/retractions/keep", request).await
    }

    pub async fn set_retraction_default(
        &self,
        default: &RetractionDefault,
    ) -> Answered<RetractionDefault> {
        self.post("/retractions/default", default).await
    }

    pub async fn starters(&self, query: &StartersQuery) -> Answered<Vec<StarterList>> {
        self.get("/starters", query).await
    }

    pub async fn publish_starter(&self, list: &StarterRequest) -> Answered<StarterList> {
        self.working().post("/starters", list).await
    }

    pub async fn withdraw_starter(
        &self,
        board: &WithdrawStarterRequest,
    ) -> Answered<Vec<StarterList>> {
        self.working().post("/starters/withdraw", board).await
    }

    pub async fn follow_starter(&self, list: &FollowStarterRequest) -> Answered<Vec<PublicKey>> {
        self.working().post("/starters/follow", list).await
    }

    /// The posts of a board that lists show, since a moment in unix seconds.
    pub async fn board_posts(&self, board: &BoardName, since: u64) -> Answered<BoardPosts> {
        self.get(&format!("/boards/{board}/posts"), &BoardPostsQuery { since }).await
    }

    /// A thread as it is known here; none if it has gone.
    pub async fn known_thread(&self, id: &str) -> Answered<Option<Thread>> {
        let query = ItemQuery { id: id.to_owned(), wait: 0 };
        self.get_if_there("/thread", &query).await
    }

    pub async fn import(&self, torrent: Vec<u8>) -> Answered<Item> {
        self.post_bytes("/torrents", torrent).await
    }

    pub async fn bundle_part(
        &self,
        board: &BoardName,
        query: &BundleQuery,
    ) -> Answered<(Vec<u8>, Option<(u64, u64)>)> {
        let path = format!("/boards/{board}/bundle");
        let (bytes, next) = self.working().get_part(&path, query, NEXT_PART).await?;
        let next = next.and_then(|next| {
            let (day, skip) = next.split_once(' ')?;
            Some((day.parse().ok()?, skip.parse().ok()?))
        });
        Ok((bytes, next))
    }

    pub async fn import_chunk(&self, chunk: Vec<u8>) -> Answered<Imported> {
        self.working().post_bytes("/bundles", chunk).await
    }

    pub async fn export(&self, id: &str) -> Answered<Vec<u8>> {
        self.get_bytes(&format!("/torrents/{id}")).await
    }

    pub async fn succeed(&self, request: &SucceedRequest) -> Answered<Identity> {
        self.working().post("/identity/succeed", request).await
    }

    pub async fn restore(&self, request: &RestoreRequest) -> Answered<Identity> {
        self.post("/identity/restore", request).await
    }

    pub async fn one_time_link(&self) -> Answered<OneTimeLink> {
        self.post("/links", &()).await
    }

    pub async fn feed_token(&self) -> Answered<FeedToken> {
        self.post("/feed", &()).await
    }
}

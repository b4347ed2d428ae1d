//! What follows from what happened to an item.

use upseed_client::{ClientError, ClientKind};
use upseed_model::{HostingState, HostingStatus, WorkId};
use upseed_store::Stepped;
use upseed_store::hosting::{Effect, Happened};

use crate::{Node, NodeError, NodeEvent, clock::now, rooms::Command};

impl Node {
    /// Something happened to an item: its task goes one step on, and what follows is done. The two
    /// effects that need the user's client ([`Effect::GiveToClient`], [`Effect::HelpClient`]) are left
    /// to the caller.
    pub(super) fn happened(
        &self,
        work: &WorkId,
        happened: &Happened,
    ) -> Result<Stepped, NodeError> {
        let stepped = self.inner.store.step_task(work, happened, now())?;
        self.carry_out(&stepped)?;
        Ok(stepped)
    }

    /// The same happened to many.
    pub(super) fn happened_to_all(
        &self,
        works: &[WorkId],
        happened: &Happened,
    ) -> Result<(), NodeError> {
        let stepped = self.inner.store.step_tasks(works, happened, now())?;
        stepped.iter().try_for_each(|stepped| self.carry_out(stepped))
    }

    /// What a client answered that was given an item.
    pub(super) fn answered(
        &self,
        work: &WorkId,
        client: ClientKind,
        answer: Result<(), ClientError>,
    ) -> Result<(), NodeError> {
        let happened = match answer {
            Ok(()) => Happened::Took(client),
            Err(error) => Happened::Refused(client, error.to_string()),
        };
        self.happened(work, &happened).map(drop)
    }

    /// Does what follows from a step, but for what needs the user's client.
    pub(crate) fn carry_out(&self, stepped: &Stepped) -> Result<(), NodeError> {
        let Stepped { work, infohash: id, task, effects } = stepped;
        let inner = &self.inner;
        for effect in *effects {
            match effect {
                Effect::HostInEngine => {
                    let row = inner.store.item(id)?;
                    if let Some(offer) = row.map(|row| self.offer(row)).transpose()?.flatten() {
                        inner.embedded.host(&[offer])?;
                    }
                }
                Effect::DropFromEngine => inner.embedded.drop(&[*id]),
                Effect::FetchText => inner.rooms.send(Command::HostText(*work, *id)),
                Effect::HostUnvoted => {
                    inner.store.add_unvoted(work, now())?;
                    self.emit(NodeEvent::Hosting { id: *id, state: HostingStatus::Unvoted });
                }
                Effect::CastVote => drop(self.cast(*work, true, now())?),
                Effect::WithdrawVote => {
                    self.cast(*work, false, now())?;
                    // What was held is due.
                    inner.wake_votes.notify_one();
                }
                Effect::Tell => {
                    let state =
                        task.as_ref().map(|task| task.state).filter(|state| state.is_told());
                    let state = state.unwrap_or(HostingState::Leaving).into();
                    self.emit(NodeEvent::Hosting { id: *id, state });
                }
                Effect::TellVote => self.tell_vote(work)?,
                Effect::Wake => inner.hosting.wake(),
                Effect::GiveToClient | Effect::HelpClient => {}
            }
        }
        Ok(())
    }
}

//! What somebody can say about themselves.

use upseed_api::ProfileRequest;

#[derive(Debug, clap::Args)]
pub(crate) struct ProfileArgs {
    /// Your display name, which anybody else may take too; "" for none
    #[arg(long)]
    pub name: Option<String>,
    /// A few words about yourself; "" for none
    #[arg(long, value_name = "TEXT")]
    pub about: Option<String>,
}

impl From<ProfileArgs> for ProfileRequest {
    fn from(ProfileArgs { name, about }: ProfileArgs) -> Self {
        Self { name, about }
    }
}

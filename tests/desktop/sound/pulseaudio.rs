//! PulseAudio, as on Debian 11 and Ubuntu up to 22.04.

use super::LOUDSPEAKER;
use crate::process::{Process, tool};
use std::path::Path;

pub fn start(folder: &Path) -> Vec<(&'static str, Process)> {
    let socket = folder.join("pulse.sock");
    let mut command = tool("pulseaudio", folder);
    command.args(["-n", "--daemonize=no", "--use-pid-file=no", "--exit-idle-time=-1", "--log-target=stderr"]);
    command.arg("-L").arg(format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display()));
    command.args(["-L", LOUDSPEAKER, "-L", "module-always-sink"]);
    vec![("pulseaudio", Process::start(command, &folder.join("sound.log")))]
}

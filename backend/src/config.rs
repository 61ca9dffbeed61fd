//! Settings: a flag wins over the environment, the environment over the TOML file, the file over the default.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result};
use clap::Args;
use ipnet::IpNet;
use serde::Deserialize;

/// The folder of data where none is given.
pub const DATA: &str = "./snug-data";

/// Settings as they were given: by flag or environment (clap), or in the file (serde).
#[derive(Args, Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Options {
    /// A TOML file with the settings that are not given here; its keys are the flags' names.
    #[arg(long, env = "SNUG_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// The address to serve at; port 0 takes any free one. [default: 127.0.0.1:8080]
    #[arg(long, env = "SNUG_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The folder that holds everything; made if it is not there. [default: ./snug-data]
    #[arg(long, env = "SNUG_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Another origin whose pages may connect, such as `https://chat.example`; may be repeated.
    #[arg(long, env = "SNUG_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Option<Vec<String>>,
    /// A name that this server is reached by, such as `chat.example`; may be repeated. It answers to
    /// addresses, to localhost and to the hosts of allowed origins in any case.
    #[arg(long, env = "SNUG_HOST", value_name = "NAME", value_delimiter = ',')]
    host: Option<Vec<String>>,
    /// The address or network of a proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed;
    /// may be repeated.
    #[arg(long, env = "SNUG_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',', value_parser = proxy)]
    trusted_proxy: Option<Vec<Proxy>>,
    /// Connections in all. [default: 10000]
    #[arg(long, env = "SNUG_MAX_CONNECTIONS", value_name = "N")]
    max_connections: Option<usize>,
    /// Connections from one address (IPv6: one network of 64 bits). [default: 256]
    #[arg(long, env = "SNUG_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    max_connections_per_address: Option<usize>,
    /// HTTP requests a second from one address for long. [default: 50]
    #[arg(long, env = "SNUG_REQUESTS_PER_SECOND", value_name = "N")]
    requests_per_second: Option<NonZeroU32>,
    /// HTTP requests from one address at once after a rest. [default: 500]
    #[arg(long, env = "SNUG_REQUESTS_BURST", value_name = "N")]
    requests_burst: Option<NonZeroU32>,
    /// Messages a second that one person may send for long. [default: 5]
    #[arg(long, env = "SNUG_MESSAGES_PER_SECOND", value_name = "N")]
    messages_per_second: Option<NonZeroU32>,
    /// Messages that one person may send at once after a rest. [default: 20]
    #[arg(long, env = "SNUG_MESSAGES_BURST", value_name = "N")]
    messages_burst: Option<NonZeroU32>,
    /// Frames of any kind a second that one connection may send. [default: 50]
    #[arg(long, env = "SNUG_FRAMES_PER_SECOND", value_name = "N")]
    frames_per_second: Option<NonZeroU32>,
    /// Frames of any kind that one connection may send at once after a rest. [default: 200]
    #[arg(long, env = "SNUG_FRAMES_BURST", value_name = "N")]
    frames_burst: Option<NonZeroU32>,
    /// Milliseconds that somebody whose last connection ended stays in the roster, so that a reload
    /// shows nobody a flicker. [default: 1500]
    #[arg(long, env = "SNUG_GRACE_MS", value_name = "MS")]
    grace_ms: Option<u64>,
    /// What to log: error, warn, info, debug or trace, also by module. [default: info]
    #[arg(long, env = "SNUG_LOG", value_name = "FILTER")]
    log: Option<String>,
}

/// An address, or a network in CIDR notation (RFC 4632).
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
struct Proxy(IpNet);

impl TryFrom<String> for Proxy {
    type Error = String;
    fn try_from(raw: String) -> Result<Self, String> {
        proxy(&raw)
    }
}

fn proxy(raw: &str) -> Result<Proxy, String> {
    let address = || raw.parse::<IpAddr>().map(IpNet::from);
    let network = raw.parse().or_else(|_| address());
    network
        .map(Proxy)
        .map_err(|_| format!("`{raw}` is neither an address nor a network"))
}

/// Settings as they are in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to serve.
    pub listen: SocketAddr,
    /// The folder of data.
    pub data: PathBuf,
    /// Origins that may connect besides the server's own.
    pub allow_origin: Vec<String>,
    /// Names that it answers to besides addresses and localhost.
    pub host: Vec<String>,
    /// Proxies that are believed about whom they pass on.
    pub trusted_proxy: Vec<IpNet>,
    /// Connections in all.
    pub connections: usize,
    /// Connections from one address.
    pub connections_by_address: usize,
    /// HTTP requests from one address.
    pub requests: Rate,
    /// Messages of one person.
    pub messages: Rate,
    /// Frames of one connection.
    pub frames: Rate,
    /// How long somebody without a connection stays in the roster.
    pub grace: Duration,
    /// The filter of the log on standard error.
    pub log: String,
}

/// How much, how fast.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// For long.
    pub per_second: NonZeroU32,
    /// At once, after a rest.
    pub burst: NonZeroU32,
}

const fn rate(per_second: u32, burst: u32) -> Rate {
    match (NonZeroU32::new(per_second), NonZeroU32::new(burst)) {
        (Some(per_second), Some(burst)) => Rate { per_second, burst },
        _ => panic!("a rate is not 0"),
    }
}

const REQUESTS: Rate = rate(50, 500);
const MESSAGES: Rate = rate(5, 20);
const FRAMES: Rate = rate(50, 200);

impl Config {
    /// Settles what was given with the file and the defaults.
    pub fn resolve(given: Options) -> Result<Self> {
        let file: Options = match &given.config {
            None => Options::default(),
            Some(path) => {
                let text = fs::read_to_string(path)
                    .with_context(|| format!("the settings in {} cannot be read", path.display()))?;
                toml::from_str(&text)
                    .with_context(|| format!("the settings in {} are wrong", path.display()))?
            }
        };
        // A flag or the environment (both are clap's), else the file, else the default.
        macro_rules! setting {
            ($name:ident, $default:expr) => {
                given.$name.or(file.$name).unwrap_or_else(|| $default)
            };
        }
        Ok(Self {
            listen: setting!(listen, (Ipv4Addr::LOCALHOST, 8080).into()),
            data: setting!(data, DATA.into()),
            allow_origin: setting!(allow_origin, Vec::new()),
            host: setting!(host, Vec::new()),
            trusted_proxy: setting!(trusted_proxy, Vec::new())
                .into_iter()
                .map(|it| it.0)
                .collect(),
            connections: setting!(max_connections, 10_000),
            connections_by_address: setting!(max_connections_per_address, 256),
            requests: Rate {
                per_second: setting!(requests_per_second, REQUESTS.per_second),
                burst: setting!(requests_burst, REQUESTS.burst),
            },
            messages: Rate {
                per_second: setting!(messages_per_second, MESSAGES.per_second),
                burst: setting!(messages_burst, MESSAGES.burst),
            },
            frames: Rate {
                per_second: setting!(frames_per_second, FRAMES.per_second),
                burst: setting!(frames_burst, FRAMES.burst),
            },
            grace: Duration::from_millis(setting!(grace_ms, 1500)),
            log: setting!(log, "info".to_owned()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_wins_over_the_file_and_the_file_over_the_default() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), "listen = '127.0.0.1:9'\nmessages-per-second = 7\n").expect("written");
        let config = Config::resolve(Options {
            config: Some(file.path().to_owned()),
            listen: Some(([127, 0, 0, 1], 8).into()),
            ..Options::default()
        })
        .expect("settings");
        assert_eq!(config.listen.port(), 8);
        assert_eq!(config.messages.per_second.get(), 7);
        assert_eq!(config.messages.burst.get(), 20);
    }

    #[test]
    fn an_unknown_key_in_the_file_is_an_error() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(file.path(), "lisden = '127.0.0.1:9'\n").expect("written");
        let options = Options {
            config: Some(file.path().to_owned()),
            ..Options::default()
        };
        let error = Config::resolve(options).expect_err("a typing mistake");
        assert!(format!("{error:#}").contains("lisden"));
    }
}

//! Settings: a flag overrides the environment, the environment the TOML file, the file the default.

use std::{
    fs,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    num::NonZeroU32,
    path::PathBuf,
    time::Duration,
};

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use ipnet::IpNet;
use serde::Deserialize;

use crate::base::Base;

/// The default data folder.
pub const DATA: &str = "./snug-data";

/// Settings as they were given: by flag or environment (clap), or in the file (serde).
#[derive(Args, Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Options {
    /// A TOML file with settings; its keys are named like the flags.
    #[arg(long, env = "SNUG_CONFIG", value_name = "FILE")]
    #[serde(skip)]
    config: Option<PathBuf>,
    /// The address to listen on; port 0 picks a free port. [default: 127.0.0.1:8080]
    #[arg(long, env = "SNUG_LISTEN", value_name = "ADDRESS")]
    listen: Option<SocketAddr>,
    /// The data folder; created if missing. [default: ./snug-data]
    #[arg(long, env = "SNUG_DATA", value_name = "DIR")]
    data: Option<PathBuf>,
    /// Another origin whose pages may connect, such as `https://chat.example`; can be repeated.
    #[arg(long, env = "SNUG_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    allow_origin: Option<Vec<String>>,
    /// A host name of this server, such as `chat.example`; can be repeated. IP addresses, localhost and the
    /// hosts of allowed origins are always accepted.
    #[arg(long, env = "SNUG_HOST", value_name = "NAME", value_delimiter = ',')]
    host: Option<Vec<String>>,
    /// The path under which Snug is served, such as `/chat/`, if it shares the host with other programs. A proxy in front
    /// may strip it or keep it. [default: /]
    #[arg(long, env = "SNUG_BASE", value_name = "PATH")]
    base: Option<Base>,
    /// The address or network of a proxy whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted;
    /// can be repeated.
    #[arg(long, env = "SNUG_TRUSTED_PROXY", value_name = "NETWORK", value_delimiter = ',', value_parser = proxy)]
    trusted_proxy: Option<Vec<Proxy>>,
    /// The TLS certificate chain, a PEM file: Snug then serves HTTPS itself. Reloaded on SIGHUP.
    #[arg(long, env = "SNUG_TLS_CERT", value_name = "FILE")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, a PEM file.
    #[arg(long, env = "SNUG_TLS_KEY", value_name = "FILE")]
    tls_key: Option<PathBuf>,
    /// How long browsers use HTTPS only, in seconds (`Strict-Transport-Security`); 0 sends no header.
    /// [default: 31536000, a year]
    #[arg(long, env = "SNUG_HSTS", value_name = "SECONDS")]
    hsts: Option<u32>,
    /// Another address to listen on, with metrics for Prometheus at `/metrics`. Anyone who can reach it can read them.
    #[arg(long, env = "SNUG_METRICS", value_name = "ADDRESS")]
    metrics: Option<SocketAddr>,
    /// Maximum number of connections. [default: 10000]
    #[arg(long, env = "SNUG_MAX_CONNECTIONS", value_name = "N")]
    max_connections: Option<usize>,
    /// Maximum number of connections from one IP address (IPv6: a /64 network). [default: 256]
    #[arg(long, env = "SNUG_MAX_CONNECTIONS_PER_ADDRESS", value_name = "N")]
    max_connections_per_address: Option<usize>,
    /// New connections per second (sustained), for guests and members each; others are told when to retry. [default: 500]
    #[arg(long, env = "SNUG_ADMISSIONS_PER_SECOND", value_name = "N")]
    admissions_per_second: Option<NonZeroU32>,
    /// New connections in a burst, for guests and members each. [default: 500]
    #[arg(long, env = "SNUG_ADMISSIONS_BURST", value_name = "N")]
    admissions_burst: Option<NonZeroU32>,
    /// HTTP requests per second from one IP address (sustained). [default: 50]
    #[arg(long, env = "SNUG_REQUESTS_PER_SECOND", value_name = "N")]
    requests_per_second: Option<NonZeroU32>,
    /// HTTP requests from one IP address in a burst. [default: 500]
    #[arg(long, env = "SNUG_REQUESTS_BURST", value_name = "N")]
    requests_burst: Option<NonZeroU32>,
    /// New users per hour from one IP address (IPv6: a /64 network; sustained). [default: 360]
    #[arg(long, env = "SNUG_REGISTRATIONS_PER_HOUR", value_name = "N")]
    registrations_per_hour: Option<NonZeroU32>,
    /// New users from one IP address in a burst. [default: 50]
    #[arg(long, env = "SNUG_REGISTRATIONS_BURST", value_name = "N")]
    registrations_burst: Option<NonZeroU32>,
    /// Messages per second from one user (sustained). [default: 5]
    #[arg(long, env = "SNUG_MESSAGES_PER_SECOND", value_name = "N")]
    messages_per_second: Option<NonZeroU32>,
    /// Messages from one user in a burst. [default: 20]
    #[arg(long, env = "SNUG_MESSAGES_BURST", value_name = "N")]
    messages_burst: Option<NonZeroU32>,
    /// Messages per second from all guests of one network (an IPv4 address or an IPv6 /64 network; sustained).
    /// [default: four times the limit of one user]
    #[arg(long, env = "SNUG_GUEST_MESSAGES_PER_SECOND", value_name = "N")]
    guest_messages_per_second: Option<NonZeroU32>,
    /// Messages from all guests of one network in a burst. [default: ten times the limit of one user]
    #[arg(long, env = "SNUG_GUEST_MESSAGES_BURST", value_name = "N")]
    guest_messages_burst: Option<NonZeroU32>,
    /// KiB of message history per second that one user can load (sustained). [default: 1024]
    #[arg(long, env = "SNUG_READ_KIB_PER_SECOND", value_name = "KIB")]
    read_kib_per_second: Option<NonZeroU32>,
    /// KiB of message history that one user can load in a burst. [default: 8192]
    #[arg(long, env = "SNUG_READ_KIB_BURST", value_name = "KIB")]
    read_kib_burst: Option<NonZeroU32>,
    /// KiB of message history per second that all guests of one network can load (sustained). [default: 4096]
    #[arg(long, env = "SNUG_NETWORK_READ_KIB_PER_SECOND", value_name = "KIB")]
    network_read_kib_per_second: Option<NonZeroU32>,
    /// KiB of message history that all guests of one network can load in a burst. [default: 65536]
    #[arg(long, env = "SNUG_NETWORK_READ_KIB_BURST", value_name = "KIB")]
    network_read_kib_burst: Option<NonZeroU32>,
    /// WebSocket frames per second from one connection (sustained). [default: 50]
    #[arg(long, env = "SNUG_FRAMES_PER_SECOND", value_name = "N")]
    frames_per_second: Option<NonZeroU32>,
    /// WebSocket frames from one connection in a burst. [default: 200]
    #[arg(long, env = "SNUG_FRAMES_BURST", value_name = "N")]
    frames_burst: Option<NonZeroU32>,
    /// Memory for recent messages of all rooms; older ones are read from the database. [default: 64MiB]
    #[arg(long, env = "SNUG_RECENT_MEMORY", value_name = "SIZE", value_parser = size)]
    recent_memory: Option<Size>,
    /// Maximum size of the database on disk, such as `20GiB`. Beyond it new messages, rooms, profile pictures and accounts are
    /// rejected. [default: no limit]
    #[arg(long, env = "SNUG_MAX_DATA", value_name = "SIZE", value_parser = size)]
    max_data: Option<Size>,
    /// Minimum free disk space of the data folder's file system, with the same effect; 0 turns it off. [default: 256MiB]
    #[arg(long, env = "SNUG_MIN_FREE", value_name = "SIZE", value_parser = size)]
    min_free: Option<Size>,
    /// Data per second that one guest can add: messages, rooms and everything else that is stored (sustained). [default: 16KiB]
    #[arg(long, env = "SNUG_GUEST_BYTES_PER_SECOND", value_name = "SIZE", value_parser = size)]
    guest_bytes_per_second: Option<Size>,
    /// Data that one guest can add in a burst; at least 128KiB. [default: 256KiB]
    #[arg(long, env = "SNUG_GUEST_BYTES_BURST", value_name = "SIZE", value_parser = size)]
    guest_bytes_burst: Option<Size>,
    /// Data per day that one guest can add. [default: 16MiB]
    #[arg(long, env = "SNUG_GUEST_BYTES_PER_DAY", value_name = "SIZE", value_parser = size)]
    guest_bytes_per_day: Option<Size>,
    /// Data per second that all guests of one IP address (IPv6: a /64 network) can add (sustained). [default: 32KiB]
    #[arg(long, env = "SNUG_NETWORK_BYTES_PER_SECOND", value_name = "SIZE", value_parser = size)]
    network_bytes_per_second: Option<Size>,
    /// Data that all guests of one IP address can add in a burst; at least 128KiB. [default: 512KiB]
    #[arg(long, env = "SNUG_NETWORK_BYTES_BURST", value_name = "SIZE", value_parser = size)]
    network_bytes_burst: Option<Size>,
    /// Data per day that all guests of one IP address can add. [default: 256MiB]
    #[arg(long, env = "SNUG_NETWORK_BYTES_PER_DAY", value_name = "SIZE", value_parser = size)]
    network_bytes_per_day: Option<Size>,
    /// Data per second that one member can add (sustained). [default: 64KiB]
    #[arg(long, env = "SNUG_MEMBER_BYTES_PER_SECOND", value_name = "SIZE", value_parser = size)]
    member_bytes_per_second: Option<Size>,
    /// Data that one member can add in a burst; at least 128KiB. [default: 1MiB]
    #[arg(long, env = "SNUG_MEMBER_BYTES_BURST", value_name = "SIZE", value_parser = size)]
    member_bytes_burst: Option<Size>,
    /// Data per day that one member can add. [default: 256MiB]
    #[arg(long, env = "SNUG_MEMBER_BYTES_PER_DAY", value_name = "SIZE", value_parser = size)]
    member_bytes_per_day: Option<Size>,
    /// New rooms and conversations per minute by all guests of one IP address (sustained). [default: 2]
    #[arg(long, env = "SNUG_GUEST_OPENINGS_PER_MINUTE", value_name = "N")]
    guest_openings_per_minute: Option<NonZeroU32>,
    /// New rooms and conversations by all guests of one IP address in a burst. [default: 20]
    #[arg(long, env = "SNUG_GUEST_OPENINGS_BURST", value_name = "N")]
    guest_openings_burst: Option<NonZeroU32>,
    /// New rooms and conversations per minute by all members of one IP address (sustained). [default: 30]
    #[arg(long, env = "SNUG_MEMBER_OPENINGS_PER_MINUTE", value_name = "N")]
    member_openings_per_minute: Option<NonZeroU32>,
    /// New rooms and conversations by all members of one IP address in a burst. [default: 100]
    #[arg(long, env = "SNUG_MEMBER_OPENINGS_BURST", value_name = "N")]
    member_openings_burst: Option<NonZeroU32>,
    /// Milliseconds for which a user without a connection is still shown as online, so that a reload or a short
    /// network failure doesn't show. [default: 3000]
    #[arg(long, env = "SNUG_GRACE_MS", value_name = "MS")]
    grace_ms: Option<u64>,
    /// Time limit in seconds for a request, a TLS handshake or a first WebSocket frame. [default: 10]
    #[arg(long, env = "SNUG_REQUEST_SECONDS", value_name = "S")]
    request_seconds: Option<NonZeroU32>,
    /// Seconds without a sign of life after which a connection is closed; it is pinged twice meanwhile. [default: 18]
    #[arg(long, env = "SNUG_SILENCE_SECONDS", value_name = "S")]
    silence_seconds: Option<NonZeroU32>,
    /// The address or network of a push service that is not public, such as your own; can be repeated. Pushes to it may use
    /// plain HTTP.
    #[arg(long, env = "SNUG_PUSH_NETWORK", value_name = "NETWORK", value_delimiter = ',', value_parser = proxy)]
    push_network: Option<Vec<Proxy>>,
    /// Log level: error, warn, info, debug or trace, also by module. At `info` and above the log contains no
    /// messages, tokens or IP addresses of users. [default: info]
    #[arg(long, env = "SNUG_LOG", value_name = "FILTER")]
    log: Option<String>,
    /// Log format: text for people, or JSON for programs. [default: text]
    #[arg(long, env = "SNUG_LOG_FORMAT", value_name = "FORMAT")]
    log_format: Option<LogFormat>,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Text, one line for each entry.
    #[default]
    Text,
    /// JSON, one object a line.
    Json,
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
        .map_err(|_| format!("`{raw}` is not an IP address or network"))
}

/// A number of bytes, written as such or with `KiB`, `MiB`, `GiB` or `TiB`.
#[derive(Clone, Copy, Deserialize)]
#[serde(try_from = "Written")]
struct Size(u64);

/// A size as the TOML file writes it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Written {
    Bytes(u64),
    Text(String),
}

impl TryFrom<Written> for Size {
    type Error = String;
    fn try_from(written: Written) -> Result<Self, String> {
        match written {
            Written::Bytes(bytes) => Ok(Self(bytes)),
            Written::Text(text) => size(&text),
        }
    }
}

fn size(raw: &str) -> Result<Size, String> {
    const UNITS: [(&str, u32); 4] = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40)];
    let unit = UNITS
        .iter()
        .find_map(|(unit, shift)| Some((raw.strip_suffix(unit)?, *shift)));
    let (number, shift) = unit.unwrap_or((raw, 0));
    let bytes = number.trim().parse::<u64>().ok();
    let bytes = bytes.and_then(|it| it.checked_mul(1 << shift));
    bytes
        .map(Size)
        .ok_or_else(|| format!("`{raw}` is not a size such as 300MiB"))
}

/// A rate of bytes that may be written.
#[derive(Clone, Copy, Debug)]
pub struct ByteRate {
    /// The rate for long, and the burst after a rest.
    pub seconds: Rate,
    /// Bytes a day.
    pub day: NonZeroU32,
}

/// The settings in force.
#[derive(Clone, Debug)]
pub struct Config {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// The data folder.
    pub data: PathBuf,
    /// Origins that may connect besides the server's own.
    pub allow_origin: Vec<String>,
    /// Host names that the server answers to, besides addresses and localhost.
    pub host: Vec<String>,
    /// The path that every URL of the server begins with.
    pub base: Base,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted.
    pub trusted_proxy: Vec<IpNet>,
    /// The certificate files of a server that terminates TLS itself.
    pub tls: Option<TlsFiles>,
    /// Seconds for which browsers use HTTPS only (`Strict-Transport-Security`); 0 sends no header.
    pub hsts: u32,
    /// The address that serves the metrics.
    pub metrics: Option<SocketAddr>,
    /// Maximum number of connections in all.
    pub connections: usize,
    /// Maximum number of connections from one address.
    pub connections_by_address: usize,
    /// The rate at which connections join.
    pub admissions: Rate,
    /// The rate of HTTP requests from one address.
    pub requests: Rate,
    /// Registrations an hour from one network for long.
    pub registrations_per_hour: NonZeroU32,
    /// Registrations from one network at once after a rest.
    pub registrations_burst: NonZeroU32,
    /// The rate of messages of one user.
    pub messages: Rate,
    /// Messages a second of the guests of one network; without a setting, four times the rate of one user.
    pub guest_messages_per_second: Option<NonZeroU32>,
    /// The burst of messages of the guests of one network; without a setting, ten times the burst of one user.
    pub guest_messages_burst: Option<NonZeroU32>,
    /// The rate of history that one user may read, in KiB.
    pub read_kib: Rate,
    /// The rate of history that the guests of one network may read together, in KiB.
    pub network_read_kib: Rate,
    /// The rate of frames of one connection.
    pub frames: Rate,
    /// Bytes of memory for the newest messages of all rooms together.
    pub recent_bytes: usize,
    /// Maximum number of bytes that the database may take on the disk.
    pub max_data: Option<u64>,
    /// Bytes that stay free on the database's file system.
    pub min_free: u64,
    /// The rate of bytes that one guest may write.
    pub guest_bytes: ByteRate,
    /// The rate of bytes that all guests of one network may write together.
    pub network_bytes: ByteRate,
    /// The rate of bytes that one member may write.
    pub member_bytes: ByteRate,
    /// The rate of rooms and conversations that the guests of one network may open.
    pub guest_openings: PerMinute,
    /// The rate of rooms and conversations that the members of one network may open.
    pub member_openings: PerMinute,
    /// The time that a user without a connection stays in the roster.
    pub grace: Duration,
    /// The time limit of a request, a handshake or a first frame.
    pub request_time: Duration,
    /// The time that a connection may be silent before it is closed.
    pub silence: Duration,
    /// Networks of push services besides the public ones.
    pub push_network: Vec<IpNet>,
    /// The filter of the log on standard error.
    pub log: String,
    /// The format of the log.
    pub log_format: LogFormat,
}

/// A certificate and its key, as PEM files.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate chain up to its authority.
    pub cert: PathBuf,
    /// The certificate's private key.
    pub key: PathBuf,
}

/// A rate a second, with a burst.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// The count a second for long.
    pub per_second: NonZeroU32,
    /// The count at once after a rest.
    pub burst: NonZeroU32,
}

impl Rate {
    /// Multiplies the rate and the burst by `factor`.
    #[must_use]
    pub fn times(self, factor: u32) -> Self {
        let factor = NonZeroU32::new(factor).unwrap_or(NonZeroU32::MIN);
        Self {
            per_second: self.per_second.saturating_mul(factor),
            burst: self.burst.saturating_mul(factor),
        }
    }
}

/// A rate a minute, with a burst.
#[derive(Clone, Copy, Debug)]
pub struct PerMinute {
    /// The count a minute for long.
    pub per_minute: NonZeroU32,
    /// The count at once after a rest.
    pub burst: NonZeroU32,
}

const fn per_minute(per_minute: u32, burst: u32) -> PerMinute {
    let Rate { per_second, burst } = rate(per_minute, burst);
    PerMinute {
        per_minute: per_second,
        burst,
    }
}

const fn rate(per_second: u32, burst: u32) -> Rate {
    match (NonZeroU32::new(per_second), NonZeroU32::new(burst)) {
        (Some(per_second), Some(burst)) => Rate { per_second, burst },
        _ => panic!("a rate is not 0"),
    }
}

const fn count(count: u32) -> NonZeroU32 {
    match NonZeroU32::new(count) {
        Some(count) => count,
        None => panic!("it is not 0"),
    }
}

const KIB: u32 = 1 << 10;
const MIB: u32 = 1 << 20;

/// The minimum burst of bytes: more than the largest message takes.
const LEAST_BURST: u32 = 128 * KIB;
/// The minimum of `--max-data`: more than an empty database takes.
const LEAST_DATA: u64 = 4 << 20;

const GUEST_BYTES: ByteRate = ByteRate {
    seconds: rate(16 * KIB, 256 * KIB),
    day: count(16 * MIB),
};
const NETWORK_BYTES: ByteRate = ByteRate {
    seconds: rate(32 * KIB, 512 * KIB),
    day: count(256 * MIB),
};
const MEMBER_BYTES: ByteRate = ByteRate {
    seconds: rate(64 * KIB, MIB),
    day: count(256 * MIB),
};

/// Parses a size that is a rate of bytes.
fn bytes(name: &str, least: u32, given: Option<Size>, default: NonZeroU32) -> Result<NonZeroU32> {
    let Some(Size(given)) = given else {
        return Ok(default);
    };
    let bytes = u32::try_from(given).ok().filter(|it| *it >= least);
    bytes
        .and_then(NonZeroU32::new)
        .with_context(|| format!("`{name}` must be at least {least} and less than 4GiB"))
}

const ADMISSIONS: Rate = rate(500, 500);
const REQUESTS: Rate = rate(50, 500);
const MESSAGES: Rate = rate(5, 20);
const FRAMES: Rate = rate(50, 200);
const GUEST_OPENINGS: PerMinute = per_minute(2, 20);
const MEMBER_OPENINGS: PerMinute = per_minute(30, 100);
/// A user who returns to 64 rooms after a night reads a page of each: a MiB of ordinary messages.
const READ_KIB: Rate = rate(1_024, 8 * 1_024);
/// Enough for 256 guests behind one address, each with a page of ten rooms.
const NETWORK_READ_KIB: Rate = rate(4_096, 64 * 1_024);

impl Config {
    /// Resolves the settings: what was given, then the file, then the defaults.
    pub fn resolve(given: Options) -> Result<Self> {
        let file: Options = match &given.config {
            None => Options::default(),
            Some(path) => {
                let text = fs::read_to_string(path)
                    .with_context(|| format!("could not read the settings in {}", path.display()))?;
                toml::from_str(&text)
                    .with_context(|| format!("the settings in {} are invalid", path.display()))?
            }
        };
        // A flag or the environment (both are clap's), else the file, else the default.
        macro_rules! setting {
            ($name:ident, $default:expr) => {
                given.$name.or(file.$name).unwrap_or_else(|| $default)
            };
        }
        macro_rules! byte_rate {
            ($default:ident, $second:ident, $burst:ident, $day:ident) => {{
                let ByteRate { seconds, day } = $default;
                ByteRate {
                    seconds: Rate {
                        per_second: bytes(
                            stringify!($second),
                            1,
                            given.$second.or(file.$second),
                            seconds.per_second,
                        )?,
                        burst: bytes(
                            stringify!($burst),
                            LEAST_BURST,
                            given.$burst.or(file.$burst),
                            seconds.burst,
                        )?,
                    },
                    day: bytes(stringify!($day), LEAST_BURST, given.$day.or(file.$day), day)?,
                }
            }};
        }
        let tls = match (given.tls_cert.or(file.tls_cert), given.tls_key.or(file.tls_key)) {
            (None, None) => None,
            (Some(cert), Some(key)) => Some(TlsFiles { cert, key }),
            _ => bail!("`tls-cert` and `tls-key` must be set together"),
        };
        let messages = Rate {
            per_second: setting!(messages_per_second, MESSAGES.per_second),
            burst: setting!(messages_burst, MESSAGES.burst),
        };
        let time = |given: NonZeroU32| Duration::from_secs(given.get().into());
        Ok(Self {
            tls,
            hsts: setting!(hsts, 365 * 24 * 60 * 60),
            metrics: given.metrics.or(file.metrics),
            listen: setting!(listen, (Ipv4Addr::LOCALHOST, 8080).into()),
            data: setting!(data, DATA.into()),
            allow_origin: setting!(allow_origin, Vec::new()),
            host: setting!(host, Vec::new()),
            base: setting!(base, Base::default()),
            trusted_proxy: setting!(trusted_proxy, Vec::new())
                .into_iter()
                .map(|it| it.0)
                .collect(),
            connections: setting!(max_connections, 10_000),
            connections_by_address: setting!(max_connections_per_address, 256),
            admissions: Rate {
                per_second: setting!(admissions_per_second, ADMISSIONS.per_second),
                burst: setting!(admissions_burst, ADMISSIONS.burst),
            },
            requests: Rate {
                per_second: setting!(requests_per_second, REQUESTS.per_second),
                burst: setting!(requests_burst, REQUESTS.burst),
            },
            registrations_per_hour: setting!(registrations_per_hour, count(360)),
            registrations_burst: setting!(registrations_burst, count(50)),
            messages,
            guest_messages_per_second: given.guest_messages_per_second.or(file.guest_messages_per_second),
            guest_messages_burst: given.guest_messages_burst.or(file.guest_messages_burst),
            read_kib: Rate {
                per_second: setting!(read_kib_per_second, READ_KIB.per_second),
                burst: setting!(read_kib_burst, READ_KIB.burst),
            },
            network_read_kib: Rate {
                per_second: setting!(network_read_kib_per_second, NETWORK_READ_KIB.per_second),
                burst: setting!(network_read_kib_burst, NETWORK_READ_KIB.burst),
            },
            frames: Rate {
                per_second: setting!(frames_per_second, FRAMES.per_second),
                burst: setting!(frames_burst, FRAMES.burst),
            },
            recent_bytes: usize::try_from(setting!(recent_memory, Size(64 << 20)).0)?,
            max_data: match given.max_data.or(file.max_data) {
                Some(Size(bytes)) if bytes < LEAST_DATA => bail!("`max-data` must be at least 4MiB"),
                most => most.map(|it| it.0),
            },
            min_free: setting!(min_free, Size(256 << 20)).0,
            guest_bytes: byte_rate!(
                GUEST_BYTES,
                guest_bytes_per_second,
                guest_bytes_burst,
                guest_bytes_per_day
            ),
            network_bytes: byte_rate!(
                NETWORK_BYTES,
                network_bytes_per_second,
                network_bytes_burst,
                network_bytes_per_day
            ),
            member_bytes: byte_rate!(
                MEMBER_BYTES,
                member_bytes_per_second,
                member_bytes_burst,
                member_bytes_per_day
            ),
            guest_openings: PerMinute {
                per_minute: setting!(guest_openings_per_minute, GUEST_OPENINGS.per_minute),
                burst: setting!(guest_openings_burst, GUEST_OPENINGS.burst),
            },
            member_openings: PerMinute {
                per_minute: setting!(member_openings_per_minute, MEMBER_OPENINGS.per_minute),
                burst: setting!(member_openings_burst, MEMBER_OPENINGS.burst),
            },
            grace: Duration::from_millis(setting!(grace_ms, 3000)),
            request_time: time(setting!(request_seconds, count(10))),
            silence: time(setting!(silence_seconds, count(18))),
            push_network: setting!(push_network, Vec::new())
                .into_iter()
                .map(|it| it.0)
                .collect(),
            log: setting!(log, "info".to_owned()),
            log_format: setting!(log_format, LogFormat::Text),
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
    fn a_size_is_bytes_or_has_a_unit() {
        let sizes = ["0", "17", "16KiB", "3 MiB", "2GiB"].map(|it| size(it).map(|it| it.0).ok());
        assert_eq!(sizes, [0, 17, 16 << 10, 3 << 20, 2 << 30].map(Some));
        for none in ["", "MiB", "-1", "1.5GiB", "1MB", "99999999999TiB"] {
            assert!(size(none).is_err(), "{none}");
        }
        let file = tempfile::NamedTempFile::new().expect("a file");
        fs::write(
            file.path(),
            "max-data = '5GiB'\nmin-free = 0\nguest-bytes-per-day = '1GiB'\n",
        )
        .expect("written");
        let options = Options {
            config: Some(file.path().to_owned()),
            guest_bytes_per_day: Some(Size(1 << 20)),
            ..Options::default()
        };
        let config = Config::resolve(options).expect("settings");
        assert_eq!((config.max_data, config.min_free), (Some(5 << 30), 0));
        assert_eq!(config.guest_bytes.day.get(), 1 << 20);
        let options = Options {
            guest_bytes_burst: Some(Size(64 << 10)),
            ..Options::default()
        };
        assert!(Config::resolve(options).is_err(), "a message might never fit");
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

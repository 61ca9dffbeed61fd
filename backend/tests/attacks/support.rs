//! A `snug` process with the default settings, and clients with different addresses.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{Error, Message, Utf8Bytes, client::IntoClientRequest},
};
use uuid::Uuid;

/// Longer than any step takes: a test that waits in vain fails after it.
pub const TIMEOUT: Duration = Duration::from_secs(30);

/// A running server with its own folder. It is killed on drop.
pub struct Snug {
    child: Child,
    /// Open for the whole run, since the process writes to it.
    _stdout: BufReader<ChildStdout>,
    pub folder: TempDir,
    pub address: SocketAddr,
    /// With `--metrics`.
    pub metrics: Option<SocketAddr>,
    owner: String,
}

impl Snug {
    /// Starts a server with the default settings and these arguments.
    pub fn start(args: &[&str]) -> Self {
        Self::start_in(tempfile::tempdir().expect("a folder"), args)
    }

    /// The same in an existing folder; if it has an owner, the server prints no owner link.
    pub fn start_in(folder: TempDir, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_snug"))
            .args(["serve", "--listen", "127.0.0.1:0", "--log", "off", "--data"])
            .arg(folder.path())
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("it runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        let mut line = || {
            let mut line = String::new();
            stdout.read_line(&mut line).expect("a line");
            line.trim().to_owned()
        };
        let address = line();
        let address = address
            .strip_prefix("listening on http://")
            .expect("where it listens");
        let address = address.parse().expect("an address");
        let mut next = line();
        let metrics = next
            .strip_prefix("metrics on http://")
            .and_then(|it| it.strip_suffix("/metrics"))
            .and_then(|it| it.parse().ok());
        if metrics.is_some() {
            next = line();
        }
        let owner = next.split("#owner=").nth(1).unwrap_or_default().to_owned();
        Self {
            child,
            _stdout: stdout,
            folder,
            address,
            metrics,
            owner,
        }
    }

    /// Resident memory of the process in bytes (proc(5), `statm`).
    pub fn resident_bytes(&self) -> usize {
        let statm = fs::read_to_string(format!("/proc/{}/statm", self.child.id())).expect("it runs");
        let pages = statm.split(' ').nth(1).and_then(|it| it.parse::<usize>().ok());
        pages.expect("pages") * 4096
    }

    /// The number of open files and sockets of the process.
    pub fn open_files(&self) -> usize {
        let files = fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("it runs");
        files.count()
    }

    /// The size of the files in its folder, in bytes.
    pub fn folder_bytes(&self) -> u64 {
        let files = fs::read_dir(self.folder.path()).expect("a folder");
        files
            .filter_map(|it| it.ok()?.metadata().ok())
            .map(|it| it.len())
            .sum()
    }

    /// A TCP connection from an address.
    pub async fn socket(&self, from: Ipv4Addr) -> TcpStream {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket.bind((from, 0).into()).expect("an address of its own");
        socket.connect(self.address).await.expect("it listens")
    }

    /// A WebSocket from an address, before its first frame.
    pub async fn connect(&self, from: Ipv4Addr, headers: &[(&'static str, String)]) -> Result<Client, Error> {
        let mut request = format!("ws://{}/ws", self.address).into_client_request()?;
        for (name, value) in headers {
            request
                .headers_mut()
                .insert(*name, value.parse().expect("a value"));
        }
        let socket = self.socket(from).await;
        let (socket, _) = client_async(request, socket).await?;
        Ok(Client {
            socket,
            welcome: Value::Null,
        })
    }

    /// A guest in the lobby; the name is also the `chatId`, which a program may choose.
    pub async fn guest(&self, from: Ipv4Addr, name: &str) -> Client {
        self.join(from, json!({"name": name, "chatId": name})).await
    }

    /// Joins with this first frame, and sends it again as long as the server asks to wait.
    pub async fn join(&self, from: Ipv4Addr, hello: Value) -> Client {
        let mut client = self.connect(from, &[]).await.expect("it shakes hands");
        loop {
            client.hello(hello.clone()).await;
            let frame = client.until_one_of(&["WELCOME", "ERROR"]).await;
            if frame["code"] == "WELCOME" {
                client.welcome = frame;
                return client;
            }
            assert_eq!(frame["error"], "overloaded", "{frame}");
            let wait = Duration::from_millis(frame["retryAfter"].as_u64().expect("a time"));
            tokio::time::sleep(wait).await;
        }
    }

    /// Waits until no file of the database contains a word. After a deletion that is soon.
    pub async fn wait_until_erased(&self, word: &str) {
        let files = ["snug.db", "snug.db-wal"].map(|it| self.folder.path().join(it));
        let gone = async {
            while files.iter().any(|it| contains(it, word)) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        timeout(TIMEOUT, gone).await.expect("it goes by itself");
    }

    /// Sends an HTTP request from an address.
    pub async fn ask(
        &self,
        from: Ipv4Addr,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        body: Value,
    ) -> Answer {
        let proof = bearer.map(|it| format!("authorization: Bearer {it}\r\n"));
        self.request(from, method, path, &proof.unwrap_or_default(), body)
            .await
    }

    /// The same with a body that need not be JSON.
    pub async fn ask_raw(
        &self,
        from: Ipv4Addr,
        method: &str,
        path: &str,
        bearer: Option<&str>,
        body: &str,
    ) -> Answer {
        let proof = bearer.map(|it| format!("authorization: Bearer {it}\r\n"));
        self.request_raw(from, method, path, &proof.unwrap_or_default(), body)
            .await
    }

    /// The same with other headers, each line ending in `\r\n`.
    pub async fn request(
        &self,
        from: Ipv4Addr,
        method: &str,
        path: &str,
        headers: &str,
        body: Value,
    ) -> Answer {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        self.request_raw(from, method, path, headers, &body).await
    }

    async fn request_raw(
        &self,
        from: Ipv4Addr,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Answer {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n{headers}content-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut socket = self.socket(from).await;
        socket.write_all(request.as_bytes()).await.expect("it is open");
        let mut answer = Vec::new();
        let read = timeout(TIMEOUT, socket.read_to_end(&mut answer)).await;
        read.expect("an end comes").expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        Answer {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|it| it.parse().ok())
                .expect("a status"),
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or(Value::Null),
        }
    }

    /// Registers the owner, once. Returns the session token.
    pub async fn owner(&self) -> String {
        self.account(FRIEND, json!({"name": "Olga", "owner": self.owner}))
            .await
    }

    /// Registers a member from an address. Returns the session token.
    pub async fn member(&self, from: Ipv4Addr, name: &str) -> String {
        self.account(from, json!({"name": name})).await
    }

    async fn account(&self, from: Ipv4Addr, mut account: Value) -> String {
        account["password"] = "correct horse".into();
        let answer = self.ask(from, "POST", "/api/account", None, account).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["token"].as_str().expect("a token").to_owned()
    }
}

impl Drop for Snug {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The address of users who do not attack.
pub const FRIEND: Ipv4Addr = Ipv4Addr::new(127, 1, 0, 1);

/// The address of the attacker with this number.
pub fn attacker(number: u16) -> Ipv4Addr {
    let [high, low] = number.to_be_bytes();
    Ipv4Addr::new(127, 66, high, low)
}

/// An `X-Forwarded-For` header, for a server that trusts loopback as a proxy.
pub fn forwarded(address: impl Into<IpAddr>) -> (&'static str, String) {
    ("x-forwarded-for", address.into().to_string())
}

/// The answer to a request.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Value,
}

/// Whether the bytes of a file contain a word.
pub fn contains(file: &Path, word: &str) -> bool {
    let bytes = fs::read(file).unwrap_or_default();
    bytes.windows(word.len()).any(|it| it == word.as_bytes())
}

/// One end of a WebSocket.
pub struct Client {
    pub socket: WebSocketStream<TcpStream>,
    pub welcome: Value,
}

impl Client {
    pub async fn send(&mut self, frame: Value) {
        self.send_raw(&frame.to_string()).await;
    }

    /// Sends a text that need not be JSON.
    pub async fn send_raw(&mut self, frame: &str) {
        self.socket.send(Message::text(frame)).await.expect("it is open");
    }

    pub async fn hello(&mut self, mut hello: Value) {
        hello["code"] = "SAVE_USER_INFO".into();
        self.send(hello).await;
    }

    pub async fn post(&mut self, room: &str, key: &str, text: &str) {
        self.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": key, "text": text}))
            .await;
    }

    /// Sends a request with a new key and skips the frames before its answer. Returns the answer, or the code of the refusal.
    pub async fn request(&mut self, mut frame: Value) -> Result<Value, String> {
        let key = Uuid::now_v7().to_string();
        frame["key"] = key.as_str().into();
        self.send(frame).await;
        let answer = loop {
            let frame = self.next_with(&[&key]).await;
            if frame["key"] == key.as_str() {
                break frame;
            }
        };
        match answer["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(answer),
        }
    }

    /// The next frame; `None` when the server has closed.
    pub async fn next(&mut self) -> Option<Value> {
        let text = self.next_text().await?;
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    /// The next frame that contains one of these words. Frames before it are skipped without parsing.
    pub async fn next_with(&mut self, words: &[&str]) -> Value {
        loop {
            let text = self.next_text().await.expect("the connection stays");
            if words.iter().any(|it| text.contains(it)) {
                return serde_json::from_str(&text).expect("JSON");
            }
        }
    }

    async fn next_text(&mut self) -> Option<Utf8Bytes> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Some(text),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        timeout(TIMEOUT, next).await.expect("a frame comes")
    }

    /// The next frame with one of these codes. Frames before it are skipped.
    pub async fn until_one_of(&mut self, codes: &[&str]) -> Value {
        loop {
            let frame = self.next().await.expect("the connection stays");
            if codes.iter().any(|code| frame["code"] == *code) {
                return frame;
            }
        }
    }

    /// All frames that were under way: they arrive before the pong.
    pub async fn drain(&mut self) -> Vec<Value> {
        self.send(json!({"code": "PING"})).await;
        let mut frames = Vec::new();
        loop {
            let frame = self.next().await.expect("the connection stays");
            if frame["code"] == "PONG" {
                return frames;
            }
            frames.push(frame);
        }
    }

    /// The user's id.
    pub fn id(&self) -> &str {
        self.welcome["you"]["chatId"].as_str().expect("an id")
    }

    /// The user's credential for HTTP.
    pub fn bearer(&self) -> String {
        let token = self.welcome["you"]["token"].as_str().expect("a token");
        format!("{}.{token}", self.id())
    }
}

//! A real server on a free port, and clients with real connections.

use std::{num::NonZeroU32, path::Path, time::Duration};

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use snug::{
    config::{ByteRate, Config, Options, PerMinute, Rate},
    server::Server,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_tungstenite::{
    WebSocketStream, client_async,
    tungstenite::{
        Error, Message,
        client::IntoClientRequest,
        http::{HeaderName, HeaderValue},
    },
};
use uuid::Uuid;

/// Longer than any step takes: a test that waits in vain fails after it.
pub const TIMEOUT: Duration = Duration::from_secs(20);

/// A server with its own folder.
pub struct TestServer {
    pub inner: Server,
    pub folder: TempDir,
}

/// The configuration for a folder: no rate limits and no grace, unless a test sets them.
pub fn config(folder: &Path) -> Config {
    let plenty = NonZeroU32::MAX;
    let rate = Rate {
        per_second: plenty,
        burst: plenty,
    };
    let mut config = Config::resolve(Options::default()).expect("defaults");
    config.listen = ([127, 0, 0, 1], 0).into();
    config.data = folder.to_owned();
    config.messages = rate;
    let bytes = ByteRate {
        seconds: rate,
        day: plenty,
    };
    (config.guest_bytes, config.network_bytes, config.member_bytes) = (bytes, bytes, bytes);
    config.frames = rate;
    config.guest_openings = PerMinute {
        per_minute: plenty,
        burst: plenty,
    };
    config.grace = Duration::ZERO;
    config
}

/// Starts a server with changed settings.
pub async fn start_server_with(change: impl FnOnce(&mut Config)) -> TestServer {
    let folder = tempfile::tempdir().expect("a folder");
    let mut config = config(folder.path());
    change(&mut config);
    TestServer {
        inner: Server::start(&config).await.expect("it starts"),
        folder,
    }
}

/// Starts a server.
pub async fn start_server() -> TestServer {
    start_server_with(|_| {}).await
}

impl TestServer {
    /// Stops the server and starts another one with the same folder.
    pub async fn restarted(self) -> Self {
        self.inner.drain().await;
        let inner = Server::start(&config(self.folder.path()))
            .await
            .expect("it starts");
        let folder = self.folder;
        Self { inner, folder }
    }

    /// Connects, and sends nothing.
    pub async fn open_socket(&self) -> Client {
        self.connect(&[]).await.expect("it shakes hands")
    }

    /// Connects with these headers.
    pub async fn connect(&self, headers: &[(&str, &str)]) -> Result<Client, Error> {
        let address = self.inner.address();
        let mut request = format!("ws://{address}/ws").into_client_request()?;
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a header");
            request
                .headers_mut()
                .insert(name, HeaderValue::from_str(value).expect("a value"));
        }
        let socket = TcpStream::connect(address).await?;
        let (socket, _) = client_async(request, socket).await?;
        Ok(Client {
            socket,
            welcome: Value::Null,
        })
    }

    /// Connects as a guest, joins the lobby and receives the roster.
    pub async fn guest(&self, name: &str) -> Client {
        self.join(json!({"name": name, "chatId": name})).await
    }

    /// Connects and joins with this hello.
    pub async fn join(&self, hello: Value) -> Client {
        let mut client = self.open_socket().await;
        client.hello(hello).await;
        client.welcome = client.until("WELCOME").await;
        client.until("SAVE_USER_INFO").await;
        client
    }
}

/// One end of a WebSocket.
pub struct Client {
    pub socket: WebSocketStream<TcpStream>,
    pub welcome: Value,
}

impl Client {
    pub async fn send(&mut self, frame: Value) {
        self.raw(Message::text(frame.to_string())).await;
    }

    pub async fn raw(&mut self, message: Message) {
        self.socket.send(message).await.expect("it is open");
    }

    pub async fn hello(&mut self, mut hello: Value) {
        hello["code"] = "SAVE_USER_INFO".into();
        self.send(hello).await;
    }

    pub async fn post(&mut self, key: &str, text: &str) {
        self.send(json!({"code": "RECEIVE_MESSAGE", "key": key, "text": text}))
            .await;
    }

    /// Posts in a room and waits for the echo.
    pub async fn post_in_and_wait(&mut self, room: &str, key: &str, text: &str) {
        self.send(json!({"code": "RECEIVE_MESSAGE", "room": room, "key": key, "text": text}))
            .await;
        while self.until("RECEIVE_MESSAGE").await["key"] != key {}
    }

    /// Sends a request with a new key and skips the frames before its answer. Returns the answer, or the code of the refusal.
    pub async fn request(&mut self, mut frame: Value) -> Result<Value, String> {
        let key = Uuid::now_v7().to_string();
        frame["key"] = key.as_str().into();
        self.send(frame).await;
        loop {
            let answer = self.next().await.expect("the connection stays");
            if answer["key"] == key.as_str() {
                return match answer["error"].as_str() {
                    Some(error) => Err(error.to_owned()),
                    None => Ok(answer),
                };
            }
        }
    }

    /// The next frame; `None` if the server has closed.
    pub async fn next(&mut self) -> Option<Value> {
        let next = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Some(serde_json::from_str(&text).expect("JSON")),
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                    Some(Ok(_)) => {}
                }
            }
        };
        timeout(TIMEOUT, next).await.expect("a frame comes")
    }

    /// The next frame with this code. Frames before it are skipped.
    pub async fn until(&mut self, code: &str) -> Value {
        loop {
            let frame = self.next().await.expect("the connection stays");
            if frame["code"] == code {
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

    /// The server's close code.
    pub async fn closed_with(&mut self) -> u16 {
        let closed = async {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Close(frame))) => return frame.map_or(1005, |it| it.code.into()),
                    Some(Ok(_)) => {}
                    Some(Err(_)) | None => return 1006,
                }
            }
        };
        timeout(TIMEOUT, closed).await.expect("an end comes")
    }
}

/// The texts of the messages in these frames.
pub fn texts(frames: &[Value]) -> Vec<&str> {
    frames.iter().filter_map(|frame| frame["text"].as_str()).collect()
}

/// The answer to a request.
pub struct Answer {
    pub status: u16,
    pub body: Value,
    /// The cookie that the browser has to send from now on.
    pub cookie: Option<String>,
}

impl TestServer {
    /// Sends a request as a program does, with its credential.
    pub async fn ask(&self, method: &str, path: &str, bearer: Option<&str>, body: Value) -> Answer {
        let proof = bearer.map(|it| format!("authorization: Bearer {it}\r\n"));
        self.request(method, path, &proof.unwrap_or_default(), body).await
    }

    /// Sends a request as a page does, with its cookie.
    pub async fn ask_as_page(&self, method: &str, path: &str, cookie: Option<&str>, body: Value) -> Answer {
        let origin = format!("origin: http://{}\r\n", self.inner.address());
        let cookie = cookie.map(|it| format!("cookie: {it}\r\n"));
        self.request(method, path, &(origin + &cookie.unwrap_or_default()), body)
            .await
    }

    /// The head of a response.
    pub async fn head(&self, method: &str, path: &str, headers: &str) -> String {
        self.exchange(method, path, headers, Value::Null).await.0
    }

    pub async fn request(&self, method: &str, path: &str, headers: &str, body: Value) -> Answer {
        let (head, body) = self.exchange(method, path, headers, body).await;
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        let cookie = head
            .lines()
            .find_map(|line| line.strip_prefix("set-cookie: "))
            .and_then(|it| it.split(';').next());
        Answer {
            status: status.expect("a status"),
            body: serde_json::from_str(&body).unwrap_or(Value::Null),
            cookie: cookie.map(str::to_owned),
        }
    }

    async fn exchange(&self, method: &str, path: &str, headers: &str, body: Value) -> (String, String) {
        let address = self.inner.address();
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
        );
        let mut socket = TcpStream::connect(address).await.expect("it listens");
        socket.write_all(request.as_bytes()).await.expect("it is open");
        let mut answer = String::new();
        let read = timeout(TIMEOUT, socket.read_to_string(&mut answer)).await;
        read.expect("an end comes").expect("an answer in UTF-8");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        (head.to_owned(), body.to_owned())
    }

    /// The cookie with this credential, as a browser sends it.
    pub fn cookie(&self, credential: &str) -> String {
        format!("snug-{}={credential}", self.inner.address().port())
    }

    /// Registers a member. Returns the session token.
    pub async fn member(&self, name: &str) -> String {
        self.account(json!({"name": name})).await
    }

    /// Registers the owner. Returns the session token.
    pub async fn owner(&self, name: &str) -> String {
        let link = self.inner.owner_link().expect("nobody owns it yet");
        let secret = link.split("#owner=").nth(1).expect("a secret");
        self.account(json!({"name": name, "owner": secret})).await
    }

    async fn account(&self, mut account: Value) -> String {
        account["password"] = "correct horse".into();
        let answer = self.ask("POST", "/api/account", None, account).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["token"].as_str().expect("a token").to_owned()
    }

    /// Joins the lobby as the user with this credential.
    pub async fn join_as(&self, token: &str) -> Client {
        self.join(json!({"name": "?", "token": token})).await
    }

    /// Joins with this credential, requests a change and leaves. Returns the code of the refusal, if it is refused.
    pub async fn change(&self, token: &str, frame: Value) -> Result<(), String> {
        let mut client = self.join_as(token).await;
        let answer = client.request(frame).await;
        client.send(json!({"code": "CLOSE_CONNECTION"})).await;
        client.closed_with().await;
        answer.map(|_| ())
    }
}

/// The credential in a cookie.
pub fn credential(cookie: &str) -> &str {
    cookie.split_once('=').expect("a cookie").1
}

impl Client {
    /// The user's id.
    pub fn id(&self) -> &str {
        self.welcome["you"]["chatId"].as_str().expect("an id")
    }
}

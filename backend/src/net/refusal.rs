//! Refusals as responses, and which methods a route has.

use snug_shared::{api::Refusal, error_code::ErrorCode, lang::Lang};
use warp::{Filter, Rejection, Reply, http::StatusCode, reply::Response};

/// Matches GET, and HEAD, whose answer hyper sends without its body (RFC 9110, section 9.3.2).
pub fn reading() -> impl Filter<Extract = (), Error = Rejection> + Copy {
    warp::get().or(warp::head()).unify()
}

/// Builds a refusal in JSON. Its code is in the extensions too, for the metrics.
pub fn refuse(status: StatusCode, error: ErrorCode, lang: Lang) -> Response {
    let reply = warp::reply::json(&refusal(error, lang));
    let mut response = warp::reply::with_status(reply, status).into_response();
    response.extensions_mut().insert(error);
    response
}

/// Describes a refusal in the client's language.
pub fn refusal(error: ErrorCode, lang: Lang) -> Refusal {
    Refusal {
        error,
        message: error.sentence(lang),
        retry: error.retry(),
        retry_after: None,
        key: None,
        room: None,
    }
}

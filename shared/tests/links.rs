//! What other finders of links are tested with, and what this one makes of it. The inputs are those of linkify-it, twitter-text and
//! GitHub's Markdown; where their answers differ from each other, this one's is that of `snug_shared::links`.

use snug_shared::links::find;

fn check(table: &[(&str, &[&str])]) {
    for (text, expected) in table {
        let found: Vec<&str> = find(text).into_iter().map(|it| &text[it.at]).collect();
        assert_eq!(&found, expected, "{text}");
    }
}

/// A text that is one link.
fn whole(links: &[&str]) {
    for link in links {
        check(&[(link, &[link])]);
    }
}

#[test]
fn what_linkify_it_is_tested_with() {
    whole(&[
        "http://example.com/foo_bar/",
        "http://example.com:8080",
        "http://example.com/?foo=bar",
        "http://example.com?foo=bar",
        "http://example.com/#foo=bar",
        "http://example.com#foo=bar",
        "http://a.in",
        "HTTP://GOOGLE.COM",
        "http://example.invalid",
        "http://inrgess2",
        "http://host-name",
        "http://example.com/foo_bar_(wiki)",
        "http://foo.com/blah_blah_[other]",
        "http://foo.com/blah_blah_{I'm_king}",
        "http://foo.com/blah_blah_I'm_king",
        "http://www.kmart.com/bestway-10'-x-30inch-steel-pro-frame-pool/p-004W007538417001P",
        "https://github.com/markdown-it/linkify-it/compare/360b13a733f521a8d4903d3a5e1e46c357e9d3ce...f580766349525150a80a32987bb47c2d592efc33",
        "http://172.26.142.48/viewerjs/#../0529/slides.pdf",
        "https://www.google.ru/maps/@59.9393895,30.3165389,15z?hl=ru",
        "https://www.google.com/maps/place/New+York,+NY,+USA/@40.702271,-73.9968471,11z/data=!4m2!3m1!1s0x89c24fa5d33f083b:0xc80b8f06e177fe62?hl=en",
        "http://business.timesonline.co.uk/article/0,,9065-2473189,00.html",
        "http://example.com/foo--bar",
        "http://www.bloomberg.com/news/articles/2015-06-26/what-s-troubling-germany-inc-",
        "http://xn--df-oiy.ws/123",
        "http://www.bürgerentscheid-krankenhäuser.de",
        "http://bündnis-für-krankenhäuser.de/wp-content/uploads/2011/11/cropped-logohp.jpg",
        "http://example.com/render?target=summarize(deriviative(app.numUsers),%221min%22)&title=New_Users_Per_Minute",
        "name@example.com",
        "foo+bar@gmail.com",
        "192.168.1.1@gmail.com",
    ]);
    check(&[
        ("My http://example.com site", &["http://example.com"]),
        (
            "[https](https://www.ibm.com)[mailto](mailto:someone@ibm.com)",
            &["https://www.ibm.com", "someone@ibm.com"],
        ),
        ("http://user:pass@example.com:8080", &[]),
        ("http://user@example.com", &[]),
        (">>http://example.com", &["http://example.com"]),
        ("http://localhost:8000?", &["http://localhost:8000"]),
        ("test.example@http://vk.com", &["http://vk.com"]),
        ("text:http://example.com/", &["http://example.com/"]),
        (
            "(Scoped http://example.com/foo_bar)",
            &["http://example.com/foo_bar"],
        ),
        (
            "{Scoped like http://example.com/foo_bar}",
            &["http://example.com/foo_bar"],
        ),
        (
            "\"Quoted like http://example.com/foo_bar\"",
            &["http://example.com/foo_bar"],
        ),
        (
            "'Quoted like http://example.com/foo_bar'",
            &["http://example.com/foo_bar"],
        ),
        (
            "http://example.com/foo_bar.jpg.",
            &["http://example.com/foo_bar.jpg"],
        ),
        ("http://example.com/foo_bar,", &["http://example.com/foo_bar"]),
        ("http://example.com/foo_bar...", &["http://example.com/foo_bar"]),
        (
            "http://example.com/foo_bar?p=10.",
            &["http://example.com/foo_bar?p=10"],
        ),
        ("http://example.com/123!", &["http://example.com/123"]),
        ("http://example.com/dash-dot-.", &["http://example.com/dash-dot-"]),
        ("<http://domain.com/foo>.", &["http://domain.com/foo"]),
        ("<user@domain.com>.", &["user@domain.com"]),
        ("(foobar email@example.com)", &["email@example.com"]),
        (
            "http://example.com/foo-(with-nested-(parens)).",
            &["http://example.com/foo-(with-nested-(parens))"],
        ),
        ("http://example.com/(foo) (bar)", &["http://example.com/(foo)"]),
        (
            "｜www.google.com/www.google.com/foo｜bar",
            &["www.google.com/www.google.com/foo"],
        ),
        ("｜test@google.com｜bar", &["test@google.com"]),
        ("｜http://google.com｜bar", &["http://google.com"]),
        ("hppt://example.com", &[]),
        ("http://.example.com", &[]),
        ("http://. http://.. http://# http://? http://??", &[]),
        ("/path/to/file.pl path:to:file.pm show image.jpg", &[]),
        ("foo@bar 1.2.3.4.5 localhost", &[]),
    ]);
}

#[test]
fn what_twitter_text_is_tested_with() {
    whole(&[
        "http://x.com/oneletterdomain",
        "http://msdn.microsoft.com/ja-jp/library/system.net.httpwebrequest(v=VS.100).aspx",
        "http://foo.com?#foo",
        "http://twitter.com/Русские_слова",
        "http://sub_domain-dash.twitter.com",
        "http://a.b.cd",
        "http://www.foo.com/foo/path-with-period./",
        "http://www.foo.com/bar-path/some.stm?param1=foo;param2=P1|0||P2|0",
        "http://foo.com/bar/123/foo_&_bar/",
        "http://xn--ls8h.XN--ls8h.la/",
        "http://foobar.みんな/",
        "http://foobar.中国/",
        "http://foobar.پاکستان/",
    ]);
    check(&[
        ("(http://twitter.com", &["http://twitter.com"]),
        (
            "http://example.com/a+ or http://example.com/a-",
            &["http://example.com/a+", "http://example.com/a-"],
        ),
        (
            "http://twitter.com/これは日本語です。example.com中国語http://t.co/abcde한국",
            &["http://twitter.com/これは日本語です", "http://t.co/abcde한국"],
        ),
        ("http://example.com/path.........", &["http://example.com/path"]),
        ("http://example.com/,,,,,,,,,", &["http://example.com/"]),
        (
            "http://t.co/ulYGBYSo: the internet is cool",
            &["http://t.co/ulYGBYSo"],
        ),
        (
            "http://twitter.com\nhttp://example.com/path",
            &["http://twitter.com", "http://example.com/path"],
        ),
        ("john.doe.gov@mail.com", &["john.doe.gov@mail.com"]),
        ("http:// example.com/path", &[]),
        ("#test.com @test.com $twitter.com", &[]),
        ("long.test.tar.bz2 test.tar.bz2 tar.bz2", &[]),
    ]);
}

#[test]
fn what_githubs_markdown_is_tested_with() {
    whole(&[
        "www.commonmark.org",
        "www.commonmark.org/help",
        "www.google.com/search?q=Markup+(business)",
        "www.google.com/search?q=commonmark&hl=en",
        "foo@bar.baz",
    ]);
    check(&[
        ("Visit www.commonmark.org.", &["www.commonmark.org"]),
        ("Visit www.commonmark.org/a.b.", &["www.commonmark.org/a.b"]),
        (
            "(www.google.com/search?q=Markup+(business))",
            &["www.google.com/search?q=Markup+(business)"],
        ),
        (
            "www.google.com/search?q=(business))+ok",
            &["www.google.com/search?q=(business)"],
        ),
        ("www.commonmark.org/he<lp", &["www.commonmark.org/he"]),
        (
            "(Visit https://encrypted.google.com/search?q=Markup+(business))",
            &["https://encrypted.google.com/search?q=Markup+(business)"],
        ),
        (
            "hello@mail+xyz.example isn't valid, but hello+xyz@mail.example is.",
            &["hello+xyz@mail.example"],
        ),
        ("a.b-c_d@a.bc.", &["a.b-c_d@a.bc"]),
        ("a.b-c_d@a.bc- a.b-c_d@a.bc_", &[]),
    ]);
}

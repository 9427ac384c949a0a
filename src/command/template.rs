//! Renders `script.py.mako`: alembic/util/pyfiles.py `template_to_file`.

use std::path::Path;

use crate::command::error::CommandError;
use crate::command::generate::rev_id;
use crate::config::Config;
use crate::mako;
use crate::py::value::Value;
use crate::py::vm::Vm;

/// `template_to_file`, up to the writing.
pub(super) fn render(
    vm: &Vm,
    template: &Path,
    given: &[(&str, Value)],
    config: &Config,
) -> Result<Vec<u8>, CommandError> {
    let text = std::fs::read_to_string(template).map_err(|error| {
        CommandError::command(format!("Can't read {}: {error}", template.display()))
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let made = mako::render(vm, text, given).map_err(|error| match error {
        mako::Error::Failed { line, ref message } => failed(template, text, line, message),
        mako::Error::Unsupported { .. } => CommandError::unsupported(format!(
            "the template of revision files cannot be rendered: {}, {error}",
            template.display()
        )),
    })?;
    let encoding = config
        .get_alembic_text("output_encoding")?
        .unwrap_or_else(|| "utf-8".to_owned());
    encoded(&made, &encoding)?.map_err(|message| failed(template, text, 0, &message))
}

/// The error, with the reason in a file of its own as with Alembic, and for people on standard error as well.
fn failed(template: &Path, text: &str, line: usize, message: &str) -> CommandError {
    let mut reason = format!("{}, {message}", template.display());
    if line > 0 {
        reason = format!("{}, line {line}: {message}", template.display());
    }
    let quoted: String = text
        .lines()
        .enumerate()
        .map(|(number, text)| match number + 1 == line {
            true => format!("--> {text}\n"),
            false => format!("    {text}\n"),
        })
        .collect();
    let name: String = rev_id().chars().take(8).collect();
    let report = std::env::temp_dir().join(format!("tmp{name}.txt"));
    let sentence = match std::fs::write(&report, format!("{reason}\n\n{quoted}")) {
        Ok(()) => format!(
            "Template rendering failed; see {} for a template-oriented traceback.",
            report.display()
        ),
        Err(_) => "Template rendering failed".to_owned(),
    };
    CommandError::command(sentence).hint(reason)
}

/// Encodings whose ASCII part is ASCII.
const LIKE_ASCII: [&str; 14] = [
    "big5",
    "cp125",
    "euc-",
    "euckr",
    "gb18030",
    "gb2312",
    "gbk",
    "iso-8859-",
    "iso8859-",
    "koi8-",
    "latin-",
    "mac-",
    "shift-jis",
    "windows-125",
];

/// `str.encode(encoding, "strict")` for the encodings that Python source is written in.
fn encoded(text: &str, encoding: &str) -> Result<Result<Vec<u8>, String>, CommandError> {
    let name = encoding.to_lowercase().replace(['_', ' '], "-");
    let limit = match name.as_str() {
        "utf-8" | "utf8" | "u8" | "cp65001" => return Ok(Ok(text.as_bytes().to_vec())),
        "utf-8-sig" => return Ok(Ok([b"\xef\xbb\xbf", text.as_bytes()].concat())),
        "ascii" | "us-ascii" | "646" => 0x80,
        "latin-1" | "latin1" | "latin" | "l1" | "iso-8859-1" | "iso8859-1" | "8859" | "cp819" => {
            0x100
        }
        _ if text.is_ascii() && LIKE_ASCII.iter().any(|start| name.starts_with(start)) => {
            return Ok(Ok(text.as_bytes().to_vec()));
        }
        _ => {
            return Err(CommandError::unsupported(format!(
                "output_encoding = {encoding}: UTF-8, Latin-1 and ASCII are written, others where the revision has no other characters than theirs"
            )));
        }
    };
    let encode = |(position, character): (usize, char)| match u32::from(character) {
        code if code < limit => Ok(u8::try_from(code).unwrap_or(b'?')),
        code => Err(format!(
            "'{encoding}' codec can't encode character '{character}' (U+{code:04X}) in position {position}: ordinal not in range({limit})"
        )),
    };
    Ok(text.chars().enumerate().map(encode).collect())
}

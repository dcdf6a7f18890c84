//! A value of a CloudFormation template as lines of YAML, written while it is read: a template of many resources holds
//! each of its words once.

use serde::ser::{self, Error as _, Serialize, Serializer};
use serde_json::{Error, Value};

use super::encode;

/// Writes a value as lines of YAML, each `indent` blanks to the right. What is a newtype variant in Rust is a
/// function there: its short tag, and its argument.
pub(super) fn block<T: Serialize + ?Sized>(value: &T, indent: usize, made: &mut String) {
    let place = Place::Line;
    let written = value.serialize(Writer {
        made,
        indent,
        place,
    });
    written.expect("views hold only what a template has a place for");
}

/// What stands before a value on its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Nothing.
    Line,
    /// A key with its colon.
    Key,
    /// A hyphen.
    Hyphen,
}

struct Writer<'a> {
    made: &'a mut String,
    indent: usize,
    place: Place,
}

impl<'a> Writer<'a> {
    /// Begins what stands on one line.
    fn line(self) -> &'a mut String {
        match self.place {
            Place::Line => blanks(self.indent, self.made),
            Place::Key | Place::Hyphen => self.made.push(' '),
        }
        self.made
    }

    fn several(self, empty: &'static str) -> Several<'a> {
        let deeper = usize::from(self.place != Place::Line) * 2;
        Several {
            indent: self.indent + deeper,
            made: self.made,
            place: self.place,
            empty: Some(empty),
        }
    }
}

fn blanks(count: usize, made: &mut String) {
    made.extend(std::iter::repeat_n(' ', count));
}

/// The members of an object, or the items of an array.
struct Several<'a> {
    made: &'a mut String,
    indent: usize,
    place: Place,
    /// What to write if nothing comes.
    empty: Option<&'static str>,
}

impl Several<'_> {
    /// Goes to where the next one begins; the first one stands beside the hyphen.
    fn next(&mut self) {
        let first = self.empty.take().is_some();
        match self.place {
            Place::Hyphen if first => self.made.push(' '),
            Place::Line if first => blanks(self.indent, self.made),
            Place::Line | Place::Key | Place::Hyphen => {
                self.made.push('\n');
                blanks(self.indent, self.made);
            }
        }
    }

    fn key(&mut self, name: &str) {
        self.next();
        encode::key(name, self.made);
        self.made.push(':');
    }

    fn inner(&mut self, place: Place) -> Writer<'_> {
        Writer {
            made: self.made,
            indent: self.indent,
            place,
        }
    }

    fn finish(self) {
        if let Some(empty) = self.empty {
            let (made, indent, place) = (self.made, self.indent, self.place);
            let writer = Writer {
                made,
                indent,
                place,
            };
            writer.line().push_str(empty);
        }
    }
}

impl ser::SerializeSeq for Several<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        self.next();
        self.made.push('-');
        value.serialize(self.inner(Place::Hyphen))
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeTuple for Several<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        ser::SerializeSeq::serialize_element(self, value)
    }

    fn end(self) -> Result<(), Error> {
        ser::SerializeSeq::end(self)
    }
}

impl ser::SerializeMap for Several<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Error> {
        match serde_json::to_value(key)? {
            Value::String(name) => {
                self.key(&name);
                Ok(())
            }
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => Err(Error::custom("a key is text")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Error> {
        value.serialize(self.inner(Place::Key))
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

impl ser::SerializeStruct for Several<'_> {
    type Ok = ();
    type Error = Error;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        self.key(name);
        value.serialize(self.inner(Place::Key))
    }

    fn end(self) -> Result<(), Error> {
        self.finish();
        Ok(())
    }
}

/// Numbers and the like, which JSON writes as YAML does.
macro_rules! plain {
    ($($method:ident $kind:ty,)*) => {
        $(fn $method(self, value: $kind) -> Result<(), Error> {
            self.line().push_str(&serde_json::to_string(&value)?);
            Ok(())
        })*
    };
}

/// What no view of a template holds.
type Nothing = ser::Impossible<(), Error>;

fn unknown<T>() -> Result<T, Error> {
    Err(Error::custom("a template has no place for such a value"))
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = Error;
    type SerializeSeq = Several<'a>;
    type SerializeTuple = Several<'a>;
    type SerializeTupleStruct = Nothing;
    type SerializeTupleVariant = Nothing;
    type SerializeMap = Several<'a>;
    type SerializeStruct = Several<'a>;
    type SerializeStructVariant = Nothing;

    plain! {
        serialize_bool bool,
        serialize_i8 i8, serialize_i16 i16, serialize_i32 i32, serialize_i64 i64,
        serialize_u8 u8, serialize_u16 u16, serialize_u32 u32, serialize_u64 u64,
        serialize_f32 f32, serialize_f64 f64,
    }

    fn serialize_char(self, value: char) -> Result<(), Error> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Error> {
        encode::quoted(value, self.line());
        Ok(())
    }

    fn serialize_bytes(self, _: &[u8]) -> Result<(), Error> {
        unknown()
    }

    fn serialize_none(self) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Error> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Error> {
        self.line().push_str("null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Error> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
    ) -> Result<(), Error> {
        self.serialize_str(name)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        value: &T,
    ) -> Result<(), Error> {
        value.serialize(self)
    }

    /// Writes a function: `!Ref "Id"`, `!GetAtt "Id.Arn"`.
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        argument: &T,
    ) -> Result<(), Error> {
        let text = match serde_json::to_value(argument)? {
            Value::String(text) => text,
            Value::Array(path) => {
                let path: Vec<&str> = path.iter().filter_map(Value::as_str).collect();
                path.join(".")
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => return unknown(),
        };
        let line = self.line();
        line.push('!');
        line.push_str(name.strip_prefix("Fn::").unwrap_or(name));
        line.push(' ');
        encode::quoted(&text, line);
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Several<'a>, Error> {
        Ok(self.several("[]"))
    }

    fn serialize_tuple(self, _: usize) -> Result<Several<'a>, Error> {
        Ok(self.several("[]"))
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Nothing, Error> {
        unknown()
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nothing, Error> {
        unknown()
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Several<'a>, Error> {
        Ok(self.several("{}"))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Several<'a>, Error> {
        Ok(self.several("{}"))
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: usize,
    ) -> Result<Nothing, Error> {
        unknown()
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;
    use serde_json::json;

    use super::block;

    #[derive(Serialize)]
    enum Function {
        Ref(&'static str),
        #[serde(rename = "Fn::GetAtt")]
        Att([&'static str; 2]),
    }

    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Member {
        bc: u8,
        #[serde(rename = "C")]
        function: Function,
        #[serde(flatten)]
        more: Option<More>,
    }

    #[derive(Serialize)]
    struct More {
        on: Function,
    }

    fn written<T: Serialize + ?Sized>(value: &T, indent: usize) -> String {
        let mut made = String::new();
        block(value, indent, &mut made);
        made
    }

    #[test]
    fn objects_and_arrays() {
        let value = json!({"Ab": {"on": [{"b": 1, "C": "x"}, "!Ref x"]}, "NO": [[1], []], "e": [], "f": {}, "g": null});
        let text = "  Ab:\n    \"on\":\n      - b: 1\n        \"C\": \"x\"\n      - \"!Ref x\"\n  \"NO\":\n    - - 1\n    - []\n  e: []\n  f: {}\n  g: null";
        assert_eq!(written(&value, 2), text);
        assert_eq!(written("a\u{2028}b\"\n", 1), r#" "a\u2028b\"\n""#);
    }

    #[test]
    fn functions_are_tags() {
        let member = Member {
            bc: 1,
            function: Function::Ref("Q"),
            more: Some(More {
                on: Function::Att(["Q", "Arn"]),
            }),
        };
        let text = "- Bc: 1\n  \"C\": !Ref \"Q\"\n  \"on\": !GetAtt \"Q.Arn\"";
        assert_eq!(written(&[member], 0), text);
    }
}

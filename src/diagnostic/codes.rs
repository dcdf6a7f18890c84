//! The table of codes. A code is never reused; each has a page in `docs/errors/`.
//!
//! Families: 01 syntax · 02 names and types · 03 handlers and files · 04 triggers · 05 delivery and retries ·
//! 06 scaling and capacity · 07 security · 08 target limits · 09 portability · 10 hatches ·
//! 11 local runs, whose codes are no findings in a program but failures of the machine · 12 tests.

use super::Severity;

macro_rules! codes {
    ($($code:ident $severity:ident $title:literal,)*) => {
        /// A stable code of a finding, `FNxxxx`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $title] $code,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &'static [Code] = &[$(Code::$code,)*];

            /// Returns the code as text.
            pub fn name(self) -> &'static str {
                match self { $(Code::$code => stringify!($code),)* }
            }

            /// Returns what the code stands for, in a few words.
            pub fn title(self) -> &'static str {
                match self { $(Code::$code => $title,)* }
            }

            /// Returns how bad a finding of this code is.
            pub fn severity(self) -> Severity {
                match self { $(Code::$code => Severity::$severity,)* }
            }

            /// Returns the page that explains the code: Markdown with a bad and a good example.
            pub fn page(self) -> &'static str {
                match self {
                    $(Code::$code => include_str!(concat!("../../docs/errors/", stringify!($code), ".md")),)*
                }
            }
        }
    };
}

codes! {
    FN0101 Error "syntax error",
    FN0102 Error "string never closed",
    FN0103 Error "bracket or block without its partner",
    FN0104 Error "unknown declaration",
    FN0105 Error "unknown escape in a string",
    FN0106 Error "not a number",
    FN0107 Error "documentation comment that documents nothing",
    FN0108 Note "more syntax errors",
    FN0109 Error "nested too deep",
    FN0110 Error "new line missing",
    FN0111 Error "character without a meaning",
    FN0112 Error "operators that need parentheses",
    FN0113 Error "not a name",
    FN0114 Error "expression without parentheses in a setting",
    FN0201 Error "duplicate name",
    FN0202 Error "unknown name",
    FN0203 Error "unknown word",
    FN0204 Error "wrong kind of resource",
    FN0205 Error "wrong type or unit",
    FN0206 Error "name that is not legal",
    FN0207 Error "setting given twice",
    FN0208 Error "something required is missing",
    FN0209 Error "name that is absent in this stage",
    FN0210 Error "params or lets that need each other",
    FN0211 Error "param without a fitting value",
    FN0212 Error "operator on operands it does not take",
    FN0213 Error "value known only when deployed",
    FN0214 Error "arithmetic without a result",
    FN0215 Warning "never used",
    FN0216 Error "number with a bad unit",
    FN0217 Error "setting with the wrong arguments",
    FN0218 Error "stage that is not declared",
    FN0219 Error "secret outside of an env value",
    FN0220 Error "statement in the wrong place",
    FN0221 Error "value outside of what the language allows",
    FN0222 Error "unknown choice",
    FN0223 Error "declared twice what a program has once",
    FN0224 Error "stage without a value",
    FN0225 Warning "else that no stage is left for",
    FN0230 Error "ARN of something else",
    FN0232 Error "physical name used twice",
    FN0233 Error "keys of a table that contradict one another",
    FN0234 Warning "index that gives nothing",
    FN0250 Error "filter that is not a condition",
    FN0251 Error "filter where there are no records",
    FN0252 Error "member that the record does not have",
    FN0253 Error "comparison that a filter cannot make",
    FN0254 Warning "filter that decides nothing",
    FN0301 Error "handler file missing",
    FN0302 Error "handler symbol missing",
    FN0303 Error "handler that is not \"file:symbol\"",
    FN0304 Warning "handler symbol that cannot be verified",
    FN0305 Error "runtime that does not fit the file",
    FN0310 Error "imported file that can't be read",
    FN0311 Error "import that is not a file of the program",
    FN0312 Error "file imported twice, or in a circle",
    FN0320 Error "layer without its folder",
    FN0321 Error "container without a Dockerfile",
    FN0401 Error "route declared twice",
    FN0402 Error "malformed path",
    FN0403 Error "unknown http method",
    FN0404 Error "malformed cron expression",
    FN0405 Error "cron expression that never fires",
    FN0406 Error "unknown time zone",
    FN0407 Error "interval that cannot be kept",
    FN0408 Error "queue consumed twice",
    FN0409 Error "reserved path",
    FN0411 Error "the same trigger twice on one function",
    FN0420 Note "function that nothing starts",
    FN0421 Warning "wildcard in a prefix or suffix",
    FN0422 Error "object that starts a function twice",
    FN0440 Error "websocket event that two functions take",
    FN0441 Error "reply without a websocket",
    FN0442 Error "malformed route of a websocket",
    FN0501 Error "retry that parks in a circle",
    FN0502 Error "fifo and not fifo mixed",
    FN0503 Error "retry where nothing is pushed",
    FN0504 Error "message visible again before its consumer is done",
    FN0505 Warning "queue without a consumer",
    FN0506 Warning "events that nothing parks",
    FN0507 Warning "app that feeds itself",
    FN0508 Warning "messages expire before their last attempt",
    FN0530 Warning "parked messages that come back by themselves",
    FN0531 Note "app that may feed itself",
    FN0532 Warning "written, and nothing takes it",
    FN0533 Note "order that ends in the middle",
    FN0540 Note "default that nothing takes",
    FN0541 Note "setting of a cluster that has no use",
    FN0542 Error "fifo by name, or by word, but not both",
    FN0543 Note "right that the handler never uses",
    FN0601 Error "fewer instances at most than at least",
    FN0602 Warning "more load than the scaling allows",
    FN0603 Warning "batch that takes longer than the timeout",
    FN0604 Error "event that takes longer than the timeout",
    FN0605 Error "scale that lets nothing run",
    FN0620 Note "calls that wait for an instance",
    FN0621 Warning "more parts of a stream than instances",
    FN0622 Note "no room to catch up",
    FN0623 Note "slower than what may be sent",
    FN0701 Warning "route that does not say who may call it",
    FN0702 Warning "literal that looks like a credential",
    FN0703 Error "illegal or reserved environment variable",
    FN0704 Error "environment over 4 KB",
    FN0720 Warning "bucket that anybody may read",
    FN0740 Error "credentials from any site",
    FN0741 Warning "pages of any site on a route that is not for anybody",
    FN0742 Error "issuer that is not one",
    FN0743 Error "authorizer that something else starts too",
    FN0744 Error "origin that no browser sends",
    FN0745 Error "malformed name of a header",
    FN0746 Error "malformed host name",
    FN0801 Error "beyond the target's limit",
    FN0802 Error "runtime the target doesn't offer",
    FN0803 Error "word the target can't carry out",
    FN0804 Error "external resource without an address",
    FN0805 Error "object that starts two functions on AWS",
    FN0811 Error "queue concurrency that AWS can't keep",
    FN0812 Error "address that is not there in time on AWS",
    FN0813 Warning "more than an AWS account begins with",
    FN0814 Warning "more resources than an AWS stack takes",
    FN0815 Error "illegal name of a secret on AWS",
    FN0820 Error "illegal physical name on AWS",
    FN0821 Error "bucket whose owner alone says whom it notifies on AWS",
    FN0828 Error "cors that differs between the routes of one API on AWS",
    FN0829 Error "host name without a certificate on AWS",
    FN0830 Error "more triggers than instances on Azure",
    FN0831 Error "path that Azure keeps for itself",
    FN0833 Error "illegal name of a secret in Key Vault",
    FN0840 Note "left out on another target",
    FN0860 Error "message held back on Knative",
    FN0861 Error "days that Knative reads in another way",
    FN0862 Error "queue concurrency that Knative cannot keep",
    FN0863 Error "attribute that Knative has nothing for",
    FN0864 Error "illegal name of a Kubernetes Secret",
    FN0870 Error "illegal tag on AWS",
    FN0871 Error "layers of an image on AWS",
    FN0872 Error "malformed id of a network on AWS",
    FN0873 Error "imported sources that look alike on AWS",
    FN0874 Error "token that a websocket cannot ask for on AWS",
    FN0875 Error "call that a websocket does not wait for on AWS",
    FN0876 Error "portable events that nothing makes on AWS",
    FN0877 Error "work that an executable has no shim for on AWS",
    FN0878 Error "executable that AWS cannot start",
    FN0879 Warning "message that comes back too soon on AWS",
    FN0880 Error "more than Event Hubs takes on Azure",
    FN0881 Error "streams that a function reads in different ways on Azure",
    FN0890 Error "illegal tag on Knative",
    FN0891 Error "illegal setting of the cluster",
    FN0892 Error "physical name that Knative does not take",
    FN0894 Error "external queue that Knative cannot use so",
    FN0885 Error "illegal tag on Azure",
    FN0886 Error "output that Azure's template has itself",
    FN0887 Error "Arm on Azure",
    FN0888 Error "private network that Azure can't be told of",
    FN0910 Note "value rounded up on AWS",
    FN0911 Warning "batch that AWS delivers in smaller parts",
    FN0912 Warning "instances that stand in for concurrency on AWS",
    FN0913 Warning "instances kept ready cost money on AWS",
    FN0914 Warning "scaling word without effect on AWS",
    FN0915 Warning "deliveries that count as attempts on AWS",
    FN0916 Warning "parked messages that keep their age on AWS",
    FN0917 Note "waits between attempts that are AWS's own",
    FN0918 Note "filter evaluated by the function itself on AWS",
    FN0919 Note "names that only Azure checks",
    FN0920 Error "hatch over what fnc says on Azure",
    FN0921 Error "resource that Azure can't read",
    FN0922 Warning "parked records that are only pointed at on AWS",
    FN0923 Error "role that Azure doesn't know",
    FN0924 Note "files of layers in each function app on Azure",
    FN0925 Error "member that a binding on Azure can't have",
    FN0930 Note "memory rounded up on Azure",
    FN0931 Error "time zone that Azure's timers don't keep",
    FN0932 Warning "batch that Azure delivers one by one",
    FN0933 Warning "scaling word without effect on Azure",
    FN0934 Note "instances kept ready on top of the maximum on Azure",
    FN0935 Note "maximum that some regions of Azure don't offer",
    FN0936 Warning "functions that share an identity on Azure",
    FN0937 Note "dropped messages that Azure keeps",
    FN0938 Note "ticks parked by the function's own process on Azure",
    FN0939 Note "queue setting that the sender keeps on Azure",
    FN0940 Warning "message hidden for a shorter time on Azure",
    FN0941 Error "ARN on Azure",
    FN0942 Warning "maximum that requests may exceed on Azure",
    FN0943 Warning "triggers that share a function's instances on Azure",
    FN0944 Warning "call that outlasts its caller on Azure",
    FN0945 Warning "queue concurrency that bounds all of the function on Azure",
    FN0946 Note "attempts without a pause on Azure",
    FN0947 Note "filter evaluated by the function itself on Azure",
    FN0990 Note "disk that Azure sizes itself",
    FN0991 Note "logs kept longer on Azure",
    FN0950 Warning "batch that Knative does not collect",
    FN0951 Note "no upper bound on Knative",
    FN0952 Note "message size checked by the sender on Knative",
    FN0953 Note "hidden time that limits a delivery on Knative",
    FN0954 Note "waits that grow longer on Knative",
    FN0955 Note "groups that share partitions on Knative",
    FN0956 Note "idle time of the last instance on Knative",
    FN0957 Note "url inside the cluster on Knative",
    FN0958 Note "filter evaluated by the function itself on Knative",
    FN0959 Note "route that the cluster itself may call on Knative",
    FN0960 Error "field that Knative doesn't know",
    FN0961 Error "value of another kind than Knative takes",
    FN0962 Error "object that Knative refuses",
    FN0963 Error "block without an object on Knative",
    FN0964 Error "object that Kubernetes can't read",
    FN0965 Error "permission that Kubernetes can't read",
    FN0970 Note "description cut on AWS",
    FN0971 Note "files of layers in a folder of their own on AWS",
    FN0972 Note "private network that needs a way to AWS",
    FN0980 Note "time limit of a websocket on AWS",
    FN0981 Error "filter that AWS cannot read",
    FN0985 Note "value rounded up on Azure",
    FN0986 Warning "batches that Azure handles one after another",
    FN0987 Note "records parked in Azure's own way",
    FN0988 Note "right that is wider on Azure",
    FN0992 Note "changes that functions tell of themselves on Azure",
    FN0993 Note "changes that Azure asks for at intervals",
    FN0994 Warning "changes that nobody tells of on Azure",
    FN0995 Note "setting that the cluster decides on Knative",
    FN0996 Note "processor that the cluster has to allow on Knative",
    FN0997 Note "partition read one record at a time on Knative",
    FN0998 Note "record without its place in a stream on Knative",
    FN0999 Note "route from a Gateway on Knative",
    FN1001 Warning "hatch that says nothing",
    FN1002 Warning "permission for everything",
    FN1003 Error "value that a manifest has no place for",
    FN1005 Error "property that AWS doesn't know",
    FN1006 Error "value of another kind than AWS takes",
    FN1007 Warning "hatch over what fnc says",
    FN1008 Error "name of a resource that the template has already",
    FN1009 Error "resource that CloudFormation can't read",
    FN1010 Error "permission that AWS can't read",
    FN1011 Error "malformed trigger in AWS's own words",
    FN1101 Error "data in use by another run",
    FN1102 Error "damaged store",
    FN1103 Error "store that can't be written",
    FN1104 Error "store of another format",
    FN1201 Error "expectation of an answer before anything was asked",
    FN1202 Error "fire of a function without a schedule",
    FN1203 Error "time that goes back in a test",
    FN1204 Warning "test that expects nothing",
    FN1205 Error "part that a test's message lacks, or may not have",
}

impl Code {
    /// Tells whether it is found in a program; otherwise it is why a local run ends, with exit code 3.
    pub fn is_finding(self) -> bool {
        !(Code::FN1101..=Code::FN1104).contains(&self)
    }

    /// Returns the code with this name, in any case.
    pub fn parse(name: &str) -> Option<Code> {
        let matches = |code: &&Code| code.name().eq_ignore_ascii_case(name);
        Code::ALL.iter().find(matches).copied()
    }
}

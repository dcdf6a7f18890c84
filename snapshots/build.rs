//! `fnc build`: what it writes, what it leaves alone, and what it says.

use std::fs;

use crate::cli::{ANSWER, TIDY, shows, tidy};
use crate::harness::{Fnc, snapshot};

#[test]
fn build_says_what_it_did() {
    let fnc = tidy();
    let mut all = fnc.run("build").exits(0).to_string();
    all.push_str(&fnc.run("build").exits(0).to_string());
    all.push_str(
        &fnc.run("build --target aws --format json")
            .exits(0)
            .to_string(),
    );
    snapshot("cli", "build_says_what_it_did", &all);
}

#[test]
fn check_shows_a_hand_edit() {
    let fnc = tidy();
    let missing = fnc.run("build --target aws --check").exits(1);
    assert!(missing.stdout.contains("--- /dev/null"), "\n{missing}");
    assert!(fnc.tree("").iter().all(|(path, _)| !path.contains("build")));

    fnc.run("build --target aws").exits(0);
    fnc.run("build --target aws --check").exits(0);
    let template = fnc.path("build/aws/template.yaml");
    let text = fs::read_to_string(&template).unwrap();
    fs::write(&template, text + "# by hand\n").unwrap();
    let ran = fnc.run("build --target aws --check").exits(1);
    assert!(ran.stdout.contains("-# by hand"), "\n{ran}");
    assert!(fnc.read("build/aws/template.yaml").contains("# by hand"));
}

#[test]
fn stale_files_are_removed_and_others_kept() {
    let fnc = tidy().file("src/old.py", "x = 1\n");
    fnc.run("build --target aws").exits(0);
    let holds = |name: &str| {
        let tree = fnc.tree("build/aws");
        tree.iter().any(|(path, _)| path.ends_with(name))
    };
    assert!(holds("old.py"));
    fs::remove_file(fnc.path("src/old.py")).unwrap();
    fs::write(fnc.path("build/aws/notes.txt"), "version = 0.1\n").unwrap();
    let check = fnc.run("build --target aws --check").exits(1);
    assert!(check.stdout.contains("+++ /dev/null"), "\n{check}");
    fnc.run("build --target aws").exits(0);
    assert!(!holds("old.py"));
    assert!(holds("notes.txt"));
}

#[test]
fn a_file_of_somebody_else_is_never_replaced() {
    let fnc = tidy().file("build/aws/template.yaml", "mine\n");
    let ran = fnc.run("build").exits(3);
    shows("in_the_way", &ran);
    assert_eq!(fnc.read("build/aws/template.yaml"), "mine\n");
    assert_eq!(fnc.tree("build").len(), 1, "another target was written");
}

#[test]
fn an_error_leaves_the_folder_as_it_was() {
    let fnc = tidy();
    fnc.run("build").exits(0);
    let before = fnc.tree("build");
    let broken = TIDY.replace("src/answer.py", "src/anwser.py");
    fs::write(fnc.path("app.fn"), broken).unwrap();
    let ran = fnc.run("build").exits(1);
    assert!(ran.stderr.contains("nothing was written"), "\n{ran}");
    assert!(before == fnc.tree("build"));
}

#[test]
fn stages_have_folders_of_their_own() {
    let fnc = Fnc::new().example("shop");
    fnc.run("build shop --target aws --stage prod").exits(0);
    fnc.run("build shop --target aws --set workers=7").exits(0);
    fnc.run("build shop --target aws --out elsewhere").exits(0);
    assert!(fnc.path("shop/build/prod/aws/template.yaml").is_file());
    assert!(fnc.path("shop/build/dev/aws/template.yaml").is_file());
    assert!(fnc.path("elsewhere/template.yaml").is_file());
    let (seven, five) = (
        fnc.read("shop/build/dev/aws/template.yaml"),
        fnc.read("elsewhere/template.yaml"),
    );
    assert_ne!(seven, five);
}

#[test]
fn an_output_folder_is_not_packed() {
    let program = TIDY.replace("src/answer.py", "answer.py");
    let fnc = tidy().file("app.fn", program).file("answer.py", ANSWER);
    fnc.run("build --target aws --out dist").exits(0);
    let first = fnc.tree("dist");
    fnc.run("build --target aws --out dist").exits(0);
    assert!(first == fnc.tree("dist"));
}

#[test]
fn the_program_is_never_built_over() {
    let fnc = tidy();
    for out in [".", "..", "src/.."] {
        let ran = fnc.run(&format!("build --target aws --out {out}")).exits(2);
        assert!(ran.stderr.contains("holds the program itself"), "\n{ran}");
    }
}

#[test]
fn a_file_without_a_folder() {
    let program = TIDY.replace("src/answer.py", "answer.py");
    let fnc = tidy().file("app.fn", program).file("answer.py", ANSWER);
    let ran = fnc.run("build app.fn --target aws").exits(0);
    assert!(ran.stdout.starts_with("aws      build/aws:"), "\n{ran}");
}

/// A program in three files: the names of one serve in another, and handlers lie beside the file that names them.
#[test]
fn a_program_of_several_files_builds() {
    let fnc = Fnc::new()
        .file("app.fn", "app shop\n\nimport \"orders/orders.fn\"\n\nqueue failed { keep 14d }\n")
        .file(
            "orders/orders.fn",
            "import \"../lib/queues.fn\"\n\nfunction take {\n  handler \"take.py:handle\"\n  on http POST \"/\" { auth none }\n  can send orders\n}\n\nfunction work {\n  handler \"take.py:handle\"\n  on queue orders\n}\n",
        )
        .file("lib/queues.fn", "queue orders { retry 2 then failed }\n")
        .file("orders/take.py", ANSWER);
    fnc.run("build --target aws").exits(0);
    let tree = fnc.tree("build/aws");
    let packed = |path: &String| path.ends_with("orders/take.py");
    assert!(tree.iter().any(|(path, _)| packed(path)), "{tree:?}");

    fs::write(
        fnc.path("orders/orders.fn"),
        "import \"../app.fn\"\nfunction work { handler \"nothing.py:handle\" }\n",
    )
    .unwrap();
    let ran = fnc.run("check").exits(1);
    assert!(
        ran.stderr.contains("FN0312") && ran.stderr.contains("FN0301"),
        "{ran}"
    );
}

/// What the local run doesn't carry out yet is refused by name, before anything starts.
#[test]
fn what_the_local_run_lacks_is_told() {
    let program = |word: &str| {
        format!(
            "app shop {{ targets aws }}\n\nstream clicks\nbucket files\nexternal layer fonts {{ aws {{ arn = \"arn:aws:lambda:eu-central-1:123456789012:layer:fonts:3\" }} }}\n\nfunction take {{\n  handler \"take.py:handle\"\n  {word}\n}}\n"
        )
    };
    for (word, told) in [
        ("on websocket connect { auth none }", "on websocket"),
        ("layers fonts", "external layer"),
    ] {
        let fnc = Fnc::new()
            .file("app.fn", program(word))
            .file("take.py", ANSWER);
        let ran = fnc.run("run --port 0").exits(2);
        assert!(ran.stderr.contains(told), "{ran}");
    }
}

//! `kustomization.yaml`: the manifests, their labels, and the names of the images.

use serde::Serialize;

use super::image::Image;
use super::names::Names;
use super::settings;
use crate::model::App;
use crate::target::Artifact;
use crate::target::name::dashed;
use crate::target::render::render;

#[derive(Serialize)]
struct Kustomization<'a> {
    app: &'a str,
    label: String,
    namespace: &'a str,
    stage: String,
    resources: Vec<String>,
    images: Vec<Named<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
    new_name: String,
    tag: &'a str,
}

/// Returns the file that holds `manifests` together.
pub(super) fn kustomization(
    app: &App,
    names: &Names,
    manifests: &[Artifact],
    images: &[Image],
) -> Artifact {
    let label = dashed(app.name.as_str());
    // What belongs to the cluster is in no namespace of ours.
    let own = manifests.iter().filter(|it| !it.path.contains('/'));
    let resources = own.map(|it| it.path.clone());
    let view = Kustomization {
        app: app.name.as_str(),
        label: label.trim_end_matches('-').to_owned(),
        namespace: &names.stem,
        stage: app.stage.as_deref().map(dashed).unwrap_or_default(),
        resources: resources.collect(),
        images: images.iter().map(|it| Named::of(app, it)).collect(),
    };
    Artifact::new(
        "kustomization.yaml",
        render("knative/kustomization.yaml", &view),
    )
}

impl<'a> Named<'a> {
    fn of(app: &App, image: &'a Image) -> Named<'a> {
        Named {
            name: &image.name,
            new_name: format!("{}/{}", settings::registry(app), image.name),
            tag: &image.tag,
        }
    }
}

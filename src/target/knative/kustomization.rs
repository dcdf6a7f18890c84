//! `kustomization.yaml`: the manifests, their labels, and the names of the images.

use serde::Serialize;

use super::image::Image;
use super::names::Names;
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
    let view = Kustomization {
        app: app.name.as_str(),
        label: label.trim_end_matches('-').to_owned(),
        namespace: &names.stem,
        stage: app.stage.as_deref().map(dashed).unwrap_or_default(),
        resources: manifests.iter().map(|it| it.path.clone()).collect(),
        images: images.iter().map(Named::of).collect(),
    };
    Artifact::new(
        "kustomization.yaml",
        render("knative/kustomization.yaml", &view),
    )
}

impl Named<'_> {
    fn of(image: &Image) -> Named<'_> {
        Named {
            name: &image.name,
            // Knative doesn't ask a registry about images of `dev.local`: they may be in the cluster already.
            new_name: format!("dev.local/{}", image.name),
            tag: &image.tag,
        }
    }
}

"""The guide and the steps that its articles help with."""

from models.guide import ArticleStep as ArticleStepRow
from models.guide import GuideArticle as Row
from resolvers.catalogue import noun

GUIDE_ARTICLE = noun(
    Row,
    "GuideArticle",
    plural="guideArticles",
    about="An article of the guide or an answer to a frequent question, in one language (panduan, tanya jawab).",
    fields={
        Row.topic: "What it is about; the same in both languages (topik).",
        Row.language: "Language of title and body (bahasa).",
        Row.kind: "Guide or frequent question (jenis).",
        Row.position: "Place among those of its kind (urutan).",
        Row.title: "Title (judul).",
        Row.body: "Text in Markdown; links without a path lead to other topics of the same language (isi).",
    },
)

ARTICLE_STEP = noun(
    ArticleStepRow,
    "ArticleStep",
    plural="articleSteps",
    about="A step of the flow that an article helps with.",
    fields={ArticleStepRow.step_code: "Short name of the step, e.g. I-25 (kode langkah)."},
)

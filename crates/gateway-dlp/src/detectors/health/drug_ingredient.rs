//! `drug_ingredient`: active ingredients of medicines.
//!
//! **Format.** One of 209 active ingredients that are much prescribed, in any case, as a word of
//! its own.
//!
//! **Validator.** None.
//!
//! **Source.** US Food and Drug Administration, Drugs@FDA (public domain).
//!
//! **Confidence.** Low: a word tells what a text is about; several near each other, or near a
//! person, tell more.

use gateway_inspect::Confidence;

use crate::detectors::{Category, Detector, example};
use crate::sample::Test;

pub(in crate::detectors) const DETECTOR: Detector = Detector {
    id: "drug_ingredient",
    name: "Medicine, by active ingredient",
    summary: "Active ingredients of medicines: 209 names as whole words, in any case",
    category: Category::Health,
    keywords: &["dose", "medication", "mg", "prescription", "tablet"],
    pattern: concat!(
        r"\b{start-half}(?i:",
        "acetaminophen|acyclovir|adalimumab|albuterol|alendronate|allopurinol|",
        "alprazolam|amiodarone|amitriptyline|amlodipine|amoxicillin|amphetamine|",
        "anastrozole|apixaban|aripiprazole|atenolol|atomoxetine|atorvastatin|",
        "azathioprine|azithromycin|baclofen|benazepril|bisoprolol|budesonide|",
        "buprenorphine|bupropion|buspirone|candesartan|capecitabine|carbamazepine|",
        "carvedilol|cefdinir|ceftriaxone|celecoxib|cephalexin|cetirizine|",
        "chlorthalidone|ciprofloxacin|cisplatin|citalopram|clindamycin|clonazepam|",
        "clonidine|clopidogrel|clozapine|codeine|colchicine|cyclobenzaprine|",
        "cyclosporine|dabigatran|dapagliflozin|desvenlafaxine|dexamethasone|diazepam|",
        "diclofenac|digoxin|diltiazem|diphenhydramine|docetaxel|donepezil|doxazosin|",
        "doxorubicin|doxycycline|dulaglutide|duloxetine|dupilumab|empagliflozin|",
        "enalapril|enoxaparin|entecavir|escitalopram|esomeprazole|estradiol|",
        "eszopiclone|etanercept|ezetimibe|famotidine|fenofibrate|fentanyl|finasteride|",
        "fluconazole|fluoxetine|fluticasone|fluvoxamine|furosemide|gabapentin|",
        "gemfibrozil|glimepiride|glipizide|glyburide|haloperidol|hydralazine|",
        "hydrochlorothiazide|hydrocodone|hydrocortisone|hydromorphone|hydroxychloroquine|",
        "hydroxyzine|ibuprofen|imatinib|infliximab|irbesartan|isosorbide|isotretinoin|",
        "ketoconazole|labetalol|lamotrigine|latanoprost|letrozole|levetiracetam|",
        "levofloxacin|levothyroxine|liraglutide|lisinopril|loratadine|lorazepam|",
        "losartan|lovastatin|meloxicam|memantine|mesalamine|metformin|methadone|",
        "methocarbamol|methotrexate|methylphenidate|methylprednisolone|metoclopramide|",
        "metoprolol|metronidazole|mirtazapine|montelukast|morphine|mycophenolate|",
        "naloxone|naltrexone|naproxen|nifedipine|nitrofurantoin|nitroglycerin|",
        "norethindrone|nortriptyline|olanzapine|olmesartan|omeprazole|ondansetron|",
        "oseltamivir|oxcarbazepine|oxybutynin|oxycodone|paclitaxel|pantoprazole|",
        "paroxetine|pembrolizumab|phenobarbital|phentermine|phenytoin|pioglitazone|",
        "pravastatin|prazosin|prednisolone|prednisone|pregabalin|promethazine|",
        "propranolol|quetiapine|ramipril|ranitidine|risperidone|ritonavir|rituximab|",
        "rivaroxaban|ropinirole|rosuvastatin|semaglutide|sertraline|sildenafil|",
        "simvastatin|sitagliptin|sofosbuvir|spironolactone|sulfamethoxazole|sumatriptan|",
        "tacrolimus|tadalafil|tamoxifen|tamsulosin|temazepam|tenofovir|terazosin|",
        "testosterone|tirzepatide|tizanidine|topiramate|tramadol|trastuzumab|trazodone|",
        "triamcinolone|trimethoprim|valacyclovir|valproate|valsartan|vancomycin|",
        "vardenafil|varenicline|venlafaxine|verapamil|warfarin|zolpidem",
        r")\b{end-half}",
    ),
    match_bytes_max: 32,
    validators: &[],
    test: Test::Pattern(Confidence::Low),
    examples: &[
        example("metformin 500 mg", &["metformin"]),
        example("Sertraline daily", &["Sertraline"]),
        example("a metforminous word", &[]),
        example("no medicine", &[]),
    ],
};

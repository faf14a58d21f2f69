#include "Language.h"

#include <algorithm>
#include <array>
#include <cctype>

namespace playhouse::streaming {
namespace {

struct LanguageName {
    std::string_view tag;
    std::string_view code;
};

// ISO 639-1 beside ISO 639-2/T.
constexpr LanguageName terminologic[] = {
    {"aa", "aar"}, {"ab", "abk"}, {"af", "afr"}, {"ak", "aka"}, {"am", "amh"}, {"ar", "ara"}, {"an", "arg"},
    {"as", "asm"}, {"av", "ava"}, {"ae", "ave"}, {"ay", "aym"}, {"az", "aze"}, {"ba", "bak"}, {"bm", "bam"},
    {"be", "bel"}, {"bn", "ben"}, {"bi", "bis"}, {"bo", "bod"}, {"bs", "bos"}, {"br", "bre"}, {"bg", "bul"},
    {"ca", "cat"}, {"cs", "ces"}, {"ch", "cha"}, {"ce", "che"}, {"cu", "chu"}, {"cv", "chv"}, {"kw", "cor"},
    {"co", "cos"}, {"cr", "cre"}, {"cy", "cym"}, {"da", "dan"}, {"de", "deu"}, {"dv", "div"}, {"dz", "dzo"},
    {"el", "ell"}, {"en", "eng"}, {"eo", "epo"}, {"et", "est"}, {"eu", "eus"}, {"ee", "ewe"}, {"fo", "fao"},
    {"fa", "fas"}, {"fj", "fij"}, {"fi", "fin"}, {"fr", "fra"}, {"fy", "fry"}, {"ff", "ful"}, {"gd", "gla"},
    {"ga", "gle"}, {"gl", "glg"}, {"gv", "glv"}, {"gn", "grn"}, {"gu", "guj"}, {"ht", "hat"}, {"ha", "hau"},
    {"he", "heb"}, {"hz", "her"}, {"hi", "hin"}, {"ho", "hmo"}, {"hr", "hrv"}, {"hu", "hun"}, {"hy", "hye"},
    {"ig", "ibo"}, {"io", "ido"}, {"ii", "iii"}, {"iu", "iku"}, {"ie", "ile"}, {"ia", "ina"}, {"id", "ind"},
    {"ik", "ipk"}, {"is", "isl"}, {"it", "ita"}, {"jv", "jav"}, {"ja", "jpn"}, {"kl", "kal"}, {"kn", "kan"},
    {"ks", "kas"}, {"ka", "kat"}, {"kr", "kau"}, {"kk", "kaz"}, {"km", "khm"}, {"ki", "kik"}, {"rw", "kin"},
    {"ky", "kir"}, {"kv", "kom"}, {"kg", "kon"}, {"ko", "kor"}, {"kj", "kua"}, {"ku", "kur"}, {"lo", "lao"},
    {"la", "lat"}, {"lv", "lav"}, {"li", "lim"}, {"ln", "lin"}, {"lt", "lit"}, {"lb", "ltz"}, {"lu", "lub"},
    {"lg", "lug"}, {"mh", "mah"}, {"ml", "mal"}, {"mr", "mar"}, {"mk", "mkd"}, {"mg", "mlg"}, {"mt", "mlt"},
    {"mn", "mon"}, {"mi", "mri"}, {"ms", "msa"}, {"my", "mya"}, {"na", "nau"}, {"nv", "nav"}, {"nr", "nbl"},
    {"nd", "nde"}, {"ng", "ndo"}, {"ne", "nep"}, {"nl", "nld"}, {"nn", "nno"}, {"nb", "nob"}, {"no", "nor"},
    {"ny", "nya"}, {"oc", "oci"}, {"oj", "oji"}, {"or", "ori"}, {"om", "orm"}, {"os", "oss"}, {"pa", "pan"},
    {"pi", "pli"}, {"pl", "pol"}, {"pt", "por"}, {"ps", "pus"}, {"qu", "que"}, {"rm", "roh"}, {"ro", "ron"},
    {"rn", "run"}, {"ru", "rus"}, {"sg", "sag"}, {"sa", "san"}, {"si", "sin"}, {"sk", "slk"}, {"sl", "slv"},
    {"se", "sme"}, {"sm", "smo"}, {"sn", "sna"}, {"sd", "snd"}, {"so", "som"}, {"st", "sot"}, {"es", "spa"},
    {"sq", "sqi"}, {"sc", "srd"}, {"sr", "srp"}, {"ss", "ssw"}, {"su", "sun"}, {"sw", "swa"}, {"sv", "swe"},
    {"ty", "tah"}, {"ta", "tam"}, {"tt", "tat"}, {"te", "tel"}, {"tg", "tgk"}, {"tl", "tgl"}, {"th", "tha"},
    {"ti", "tir"}, {"to", "ton"}, {"tn", "tsn"}, {"ts", "tso"}, {"tk", "tuk"}, {"tr", "tur"}, {"tw", "twi"},
    {"ug", "uig"}, {"uk", "ukr"}, {"ur", "urd"}, {"uz", "uzb"}, {"ve", "ven"}, {"vi", "vie"}, {"vo", "vol"},
    {"wa", "wln"}, {"wo", "wol"}, {"xh", "xho"}, {"yi", "yid"}, {"yo", "yor"}, {"za", "zha"}, {"zh", "zho"},
    {"zu", "zul"},
};

// ISO 639-2/B, where it differs.
constexpr LanguageName bibliographic[] = {
    {"sq", "alb"}, {"hy", "arm"}, {"eu", "baq"}, {"my", "bur"}, {"zh", "chi"}, {"cs", "cze"}, {"nl", "dut"},
    {"fr", "fre"}, {"ka", "geo"}, {"de", "ger"}, {"el", "gre"}, {"is", "ice"}, {"mk", "mac"}, {"mi", "mao"},
    {"ms", "may"}, {"fa", "per"}, {"ro", "rum"}, {"sk", "slo"}, {"bo", "tib"}, {"cy", "wel"},
};

bool isCode(std::string_view text) {
    return text.size() == 3 && std::ranges::all_of(text, [](char letter) { return letter >= 'a' && letter <= 'z'; });
}

}  // namespace

std::string languageTag(std::string_view code) {
    if (!isCode(code)) return "und";
    if (const auto* found = std::ranges::find(terminologic, code, &LanguageName::code); found != std::end(terminologic))
        return std::string(found->tag);
    if (const auto* found = std::ranges::find(bibliographic, code, &LanguageName::code);
        found != std::end(bibliographic))
        return std::string(found->tag);
    return std::string(code);
}

std::string languageCode(std::string_view tag) {
    const auto primary = tag.substr(0, tag.find('-'));
    if (const auto* found = std::ranges::find(terminologic, primary, &LanguageName::tag);
        found != std::end(terminologic))
        return std::string(found->code);
    return isCode(primary) ? std::string(primary) : "und";
}

}  // namespace playhouse::streaming

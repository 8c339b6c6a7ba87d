# Makes one .cc of the folder report, so that the program needs no file beside
# it: page.html with style.css and the scripts, which are one function. The page's Content-Security-Policy names the style
# and the script by the digests of the very bytes that are embedded: whatever
# else a browser would take for either does not run.
#   cmake -DFROM=engine/render/report -DTO=page.cc -P embed.cmake
cmake_minimum_required(VERSION 3.25)

# "ba7816..." -> "ungWv4..."
function(base64_of_hex hex out)
  set(letters
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
  set(text "")
  # 64 digits are ten groups of three bytes, and two bytes more.
  foreach(group RANGE 10)
    math(EXPR at "${group} * 6")
    string(SUBSTRING "${hex}00" ${at} 6 digits)
    foreach(shift 18 12 6 0)
      math(EXPR letter "(0x${digits} >> ${shift}) & 63")
      string(SUBSTRING "${letters}" ${letter} 1 letter)
      string(APPEND text "${letter}")
    endforeach()
  endforeach()
  string(SUBSTRING "${text}" 0 43 text)
  set(${out} "${text}=" PARENT_SCOPE)
endfunction()

file(READ "${FROM}/page.html" html)
file(READ "${FROM}/style.css" css)
set(js "\n'use strict';\n(() => {\n")
foreach(part rows filter list choose details controls map findings commands
        paper begin)
  file(READ "${FROM}/${part}.js" text)
  string(APPEND js "${text}\n")
endforeach()
string(APPEND js "})();\n")
if(js MATCHES "</script|<!--" OR css MATCHES "</style")
  message(FATAL_ERROR "what would end the script or the style is in it")
endif()
foreach(part css js)
  string(SHA256 hex "${${part}}")
  base64_of_hex(${hex} digest)
  string(REPLACE "{{${part}-digest}}" "sha256-${digest}" html "${html}")
endforeach()
foreach(part css js)
  string(REPLACE "{{${part}}}" "${${part}}" html "${html}")
endforeach()

# The page in pieces: between them stands what a plan says.
set(pieces "")
foreach(slot title header noscript data)
  string(FIND "${html}" "{{${slot}}}" at)
  if(at EQUAL -1)
    message(FATAL_ERROR "page.html: no {{${slot}}}, or not in its place")
  endif()
  string(SUBSTRING "${html}" 0 ${at} piece)
  string(APPEND pieces "    R\"page(${piece})page\",\n")
  string(LENGTH "{{${slot}}}" length)
  math(EXPR at "${at} + ${length}")
  string(SUBSTRING "${html}" ${at} -1 html)
endforeach()
file(WRITE "${TO}" "// Made by engine/render/embed.cmake.
#include \"engine/render/report_page.h\"

namespace assocsync {

const ReportPage kReportPage = {
${pieces}    R\"page(${html})page\",
};

}  // namespace assocsync
")

"""What an evidence pack says of itself; each report keeps the text that it was signed with."""

README = """\
GÓI MINH CHỨNG CỦA BÁO CÁO KỲ

Từ các tệp này, bất kỳ ai cũng tính lại được con số đã ký mà không cần phần mềm của chương trình.

report.json      con số đã ký và mọi số liệu in trên báo cáo, các nhiệm vụ trong kỳ, kỳ báo cáo,
                 thời điểm chốt dữ liệu
rule.json        quy tắc tính, bằng lời và bằng dữ liệu
completions.csv  các lượt hoàn thành được tính, kèm minh chứng; "person" là số thứ tự của người
                 trong danh sách
people.csv       danh sách theo thứ tự đã ký, dưới bí danh; "previous" là số thứ tự của người đó
                 trong danh sách đã ký kỳ trước
previous.csv     danh sách đã ký kỳ trước (nếu có)
adjustments.csv  điều chỉnh về người so với danh sách đã ký kỳ trước
completion-changes.csv  điều chỉnh về lượt so với báo cáo đã ký kỳ trước
agencies.csv     các cơ quan cử, theo tên và thời hạn tại lúc ký
audit-head.json  nhật ký hệ thống tại thời điểm ký: số mục, mã băm của mục cuối, chữ ký Ed25519 và
                 khóa công khai; kiểm tra bằng docs/verify_head.py
SHA256SUMS       mã băm SHA-256 của từng tệp trên; mã băm của chính tệp này in trên báo cáo đã ký
names.csv        họ tên, ngày sinh, mã học viên (chỉ khi được cấp với lý do)
report.pdf       báo cáo đã ký số (nếu đã ký)

Kiểm tra: python3 docs/recompute.py GÓI.zip --printed MÃ-BĂM-IN-TRÊN-BÁO-CÁO

EVIDENCE PACK OF A PERIOD REPORT

From these files anybody recomputes the signed figure without the programme's software.

report.json      the signed figure and all that the report prints, the tasks in its period, its
                 period, the instant up to which records were believed
rule.json        the counting rule, in words and as data
completions.csv  the qualifying completions with their evidence; "person" is the person's number
                 in the list
people.csv       the list in its signed order, under pseudonyms; "previous" is the person's number
                 in the list signed before
previous.csv     the list signed before (if there is one)
adjustments.csv  people who count otherwise than in the list signed before
completion-changes.csv  completions that count otherwise than in the report signed before
agencies.csv     the sending agencies, with name and validity as they were at signing
audit-head.json  the audit log at signing: number of entries, end of its chain of hashes, Ed25519
                 signature and public key; docs/verify_head.py verifies it
SHA256SUMS       SHA-256 of each file above; its own hash is printed on the signed report
names.csv        names, birth dates and codes (only where given for a reason)
report.pdf       the report with its digital signature (once it is signed)

Check: python3 docs/recompute.py PACK.zip --printed HASH-ON-THE-REPORT

How: keep the rows of completions.csv that meet rule.json (courses and the days on which each
counts, sectors, kinds of agency, kinds of evidence, periods, agencies not left out; an empty list
means all; an empty sector never counts), whose completed_on is not after ends_on and whose
recorded_at is not after known_as_of: that is all of them. People are the distinct values of
"person"; completions are rows. A person belongs to the agency and sector of their first row
(completed_on, then recorded_at, then the order of rows).

The list's hash: SHA-256 of the lines "number|since|course|agency|commitment" of people.csv, joined
by line feeds. commitment is SHA-256 of "salt|code|full_name|birth".
"""

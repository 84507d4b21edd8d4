#!/bin/sh
# Writes seeds into fuzz/corpus: the bodies of the tests, the fixtures beside the repository if there are any, and a few
# short texts.
set -eu
cd "$(dirname "$0")"
mkdir -p corpus
for target in job_body error_body secrets submit timestamp retry_after catalog clouds poller; do
    mkdir -p "corpus/$target"
done

put() { # target, name: standard input becomes the seed
    cat > "corpus/$1/$2"
}

put job_body running <<'END'
{"status":"RUNNING","entities":{"sub_jobs_total":2,"sub_jobs":[{"status":"SUCCESS","job_id":"a1","job_type":"createSingleServer","begin_time":"2016-04-25T20:04:34.604Z","end_time":"2016-04-25T20:05:51.740Z","error_code":null,"fail_reason":null,"entities":{"server_id":"bae51750-0089-41a1-9b18-5c777978ff6d","nic_id":"n1"}},{"status":"RUNNING","entities":{}}]},"job_id":"a0","job_type":"createServer","begin_time":"2016-04-25T20:04:34.604Z","end_time":"","error_code":null,"fail_reason":null}
END
put job_body failed <<'END'
{"status":"FAIL","job_id":"b0","job_type":"createServer","begin_time":"04-Jun-2015 18:11:06:586","end_time":null,"error_code":"Common.0021","fail_reason":"Subjob fails","entities":{"sub_jobs":[{"status":"FAIL","error_code":"Ecs.0204","fail_reason":"CreateServerTask-fail","entities":{"errorcode_message":"{\"forbidden\": {\"code\": 403, \"message\": \"Quota exceeded\"}}"}}]}}
END
put job_body images <<'END'
{"status":"SUCCESS","process_percent":0.2,"entities":{"results":[{"image_id":"i1","status":"success"}],"sub_jobs_result":[{"status":"SUCCESS","entities":{"image_id":"i2"}}],"sub_jobs_list":[]},"job_id":"c0"}
END
put job_body volumes <<'END'
{"status":"SUCCESS","entities":{"volume_ids":"v1, v2,v2","replication_pair_id":"r"},"sub_jobs":[{"status":"SUCCESS","sub_jobs":[{"status":"INIT"}]}]}
END
put error_body gateway <<'END'
{"error_msg":"Incorrect IAM authentication information: verify aksk signature fail, canonicalRequest:GET|/v1/p/jobs/1/||host:h|x-security-token:t||host|e3b0","error_code":"APIGW.0301","request_id":"r"}
END
put error_body nested <<'END'
{"error":{"code":"Common.0011","message":"{\"badRequest\":{\"message\":\"no\",\"code\":400}}","details":[{"error_code":"Ecs.0114","error_msg":"job not found"}]}}
END
put error_body html <<'END'
<html><head><title>502 Bad Gateway</title></head><body><h1>502</h1></body></html>
END
put submit id <<'END'
{"job_id":"ff808081787e9f100179693fd6f92e39"}
END
put submit order <<'END'
{"order_id":"CS1711152257C60TL","job_id":null,"serverIds":["a"]}
END
put submit batch <<'END'
{"response":[{"id":"a"},{"id":"b"}]}
END
put timestamp one <<'END'
2016-04-25T20:04:47.591Z2016-04-25T20:04:47+08:00
END
put timestamp two <<'END'
04-Jun-2015 18:11:06:58604-Jun-2015 18:11:06:586
END
put retry_after date <<'END'
Sun, 06 Nov 1994 08:49:37 GMTSun, 06 Nov 1994 08:49:38 GMT
END
put retry_after seconds <<'END'
120
END
put catalog one <<'END'
[{"type":"ecs","endpoints":[{"interface":"public","region":"eu-de","url":"https://ecs.eu-de.otc.t-systems.com/v1/p"},{"interface":"public","region_id":"*","url":"http://127.0.0.1:8080/evs/v2/p"}]},{"type":"volumev3","endpoints":[{"interface":"public","region":null,"url":"https://evs.eu-de.otc.t-systems.com/v3/p"}]}]
END
put clouds yaml <<'END'
clouds:
  otc:
    profile: otc
    auth: {auth_url: "https://iam.eu-de.otc.t-systems.com/v3", username: u, password: 'p', project_name: eu-de_x, user_domain_name: d}
    region_name: eu-de
    verify: true
END
put clouds json <<'END'
{"clouds":{"otc":{"auth":{"auth_url":"https://iam.example.com/v3","token":"t","project_id":"0391e4486e864c26be5654c522f440f2"},"regions":["eu-de",{"name":"eu-nl"}]}}}
END

fixtures=../../shared/fixtures
if [ -d "$fixtures" ]; then
    for file in "$fixtures"/*.json "$fixtures"/*.html; do
        name=$(basename "$file")
        case $name in
        err_*) targets="error_body secrets submit" ;;
        *submit*) targets="submit job_body" ;;
        *) targets="job_body" ;;
        esac
        for target in $targets; do
            cp "$file" "corpus/$target/$name"
        done
    done
else
    echo "fuzz/seeds.sh: the fixtures next door are not here: seeds of our own only" >&2
fi
